extension Schema {
    /// What satisfies both schemas, or nil if plainly nothing does.
    func intersection(_ other: Schema) -> Schema? {
        var both = self
        both.kinds = Self.intersection(kinds, other.kinds)
        both.hasType = hasType || other.hasType
        both.impliedKinds.formUnion(other.impliedKinds)
        if let listed = other.values {
            both.values = values.map { $0.filter(listed.contains) } ?? listed
        }
        both.lengths.formIntersection(other.lengths)
        both.patterns += other.patterns
        both.formats.formUnion(other.formats)
        both.range.formIntersection(other.range)
        both.multiples += other.multiples
        both.counts.formIntersection(other.counts)
        both.propertyCounts.formIntersection(other.propertyCounts)
        both.intersectItems(with: other)
        both.intersectProperties(of: self, and: other)
        return both.kinds.isEmpty || both.values?.isEmpty == true ? nil : both
    }

    private static func intersection(_ first: Set<Kind>, _ second: Set<Kind>) -> Set<Kind> {
        var common = first.intersection(second)
        if first.contains(.integer) && second.contains(.number)
            || second.contains(.integer) && first.contains(.number)
        {
            common.insert(.integer)
        }
        if common.contains(.number) { common.remove(.integer) }
        return common
    }

    /// A schema for what both ask of one value.
    private static func all(_ first: JSONValue?, _ second: JSONValue?) -> JSONValue? {
        guard let first, let second, first != second else { return first ?? second }
        if first == .bool(true) { return second }
        if second == .bool(true) { return first }
        return .object([JSONValue.Member("allOf", .array([first, second]))])
    }

    private mutating func intersectItems(with other: Schema) {
        let count = max(prefixItems.count, other.prefixItems.count)
        let own = (0..<count).map { $0 < prefixItems.count ? prefixItems[$0] : items }
        let others = (0..<count).map {
            $0 < other.prefixItems.count ? other.prefixItems[$0] : other.items
        }
        prefixItems = zip(own, others).map { Self.all($0, $1) ?? .bool(true) }
        items = Self.all(items, other.items)
    }

    private mutating func intersectProperties(of first: Schema, and second: Schema) {
        let names = first.properties.map(\.key)
        let more = second.properties.map(\.key).filter { !names.contains($0) }
        properties = (names + more).map { name in
            JSONValue.Member(
                name,
                Self.all(
                    first.property(name) ?? first.additionalProperties,
                    second.property(name) ?? second.additionalProperties
                ) ?? .bool(true)
            )
        }
        required += second.required.filter { !required.contains($0) }
        additionalProperties = Self.all(first.additionalProperties, second.additionalProperties)
    }

    /// Whether no value satisfies both, as far as can be seen from types, listed values and members
    /// that both must have. `oneOf` needs that of its alternatives.
    func isDisjoint(from other: Schema) -> Bool {
        let common = Self.intersection(effectiveKinds, other.effectiveKinds)
        if common.isEmpty { return true }
        if let values, let others = other.values {
            return !values.contains(where: others.contains)
        }
        for (listing, plain) in [(self, other), (other, self)] {
            guard let values = listing.values else { continue }
            if !values.contains(where: { plain.effectiveKinds.mayContain($0) }) { return true }
        }
        guard common == [.object] else { return false }
        return required.contains { name in
            if other.additional == .bool(false), other.property(name) == nil { return true }
            guard other.required.contains(name), let own = property(name)?.listedValues,
                let others = other.property(name)?.listedValues
            else { return false }
            return !own.contains(where: others.contains)
        }
            || other.required.contains {
                additional == .bool(false) && property($0) == nil
            }
    }
}

extension Set<Schema.Kind> {
    /// Whether a value may have one of these types.
    func mayContain(_ value: JSONValue) -> Bool {
        switch value {
        case .null: contains(.null)
        case .bool: contains(.boolean)
        case .number(let text):
            contains(.number)
                || contains(.integer) && (Decimal(text).map { $0.isWhole } ?? true)
        case .string: contains(.string)
        case .array: contains(.array)
        case .object: contains(.object)
        }
    }
}

extension JSONValue {
    /// The values that a schema lists with `const` or `enum`.
    fileprivate var listedValues: [JSONValue]? {
        if let const = self["const"] { return [const] }
        guard case .array(let values) = self["enum"] else { return nil }
        return values
    }
}
