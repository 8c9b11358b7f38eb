/// A JSON Schema in the form that automata are made of: one conjunction of keywords, by type.
struct Schema {
    enum Kind: String, CaseIterable {
        case null, boolean, integer, number, string, array, object
    }

    /// The types that a value may have; never both `integer` and `number`.
    var kinds: Set<Kind> = [.null, .boolean, .number, .string, .array, .object]
    /// The types that the keywords speak of, where `type` is absent.
    var impliedKinds: Set<Kind> = []
    var hasType = false
    /// The only values, if it lists some (`enum`, `const`).
    var values: [JSONValue]?

    var lengths = Bounds()
    var patterns: [String] = []
    var formats: Set<String> = []

    var range = NumberRange()
    var multiples: [Decimal] = []

    var counts = Bounds()
    var prefixItems: [JSONValue] = []
    var items: JSONValue?

    var properties: [JSONValue.Member] = []
    var required: [String] = []
    var additionalProperties: JSONValue?
    var propertyCounts = Bounds()

    /// A least and a greatest count.
    struct Bounds: Equatable {
        var minimum = 0
        var maximum: Int?

        mutating func formIntersection(_ other: Self) {
            minimum = max(minimum, other.minimum)
            if let upper = other.maximum { maximum = min(maximum ?? upper, upper) }
        }

        var isEmpty: Bool { maximum.map { $0 < minimum } ?? false }
    }

    func property(_ name: String) -> JSONValue? {
        properties.first { $0.key == name }?.value
    }

    /// Whether members may follow that `properties` does not name. Where the keyword is absent they
    /// may only if no member is named: a model that is given names means those.
    var additional: JSONValue {
        additionalProperties ?? .bool(properties.isEmpty)
    }

    /// The types after what `type`, or else the keywords, say.
    var effectiveKinds: Set<Kind> {
        hasType || impliedKinds.isEmpty || values != nil
            ? kinds : kinds.intersection(impliedKinds)
    }

    /// Whether anything but types and listed values is asked for.
    var hasOnlyKinds: Bool {
        impliedKinds.isEmpty
    }
}
