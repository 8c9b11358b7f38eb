/// Decoders that lose the order of keys (Foundation's JSON decoder does) give objects in whatever
/// order they have: where order matters, as in tool descriptions, read with `init(json:)`.
extension JinjaValue: Decodable {
    public init(from decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: AnyKey.self) {
            var object = JinjaObject()
            for key in container.allKeys {
                object[key.stringValue] = try container.decode(JinjaValue.self, forKey: key)
            }
            self = .object(object)
            return
        }
        if var container = try? decoder.unkeyedContainer() {
            var elements: [JinjaValue] = []
            while !container.isAtEnd { elements.append(try container.decode(JinjaValue.self)) }
            self = .list(JinjaList(elements))
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .none
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .float(value)
        } else {
            self = .string(try container.decode(String.self))
        }
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { return nil }
    }
}
