import Tokenization

/// A value of a request that an answer repeats as it came.
struct JSONContent: Encodable, Sendable {
    var value: JinjaValue

    init(_ value: JinjaValue) { self.value = value }

    func encode(to encoder: any Encoder) throws {
        switch value {
        case .list(let list), .tuple(let list):
            var container = encoder.unkeyedContainer()
            for element in list.elements { try container.encode(Self(element)) }
        case .object(let object):
            var container = encoder.container(keyedBy: Key.self)
            for (key, value) in zip(object.keys, object.values) {
                try container.encode(Self(value), forKey: Key(key.stringValue ?? ""))
            }
        default:
            var container = encoder.singleValueContainer()
            switch value {
            case .bool(let bool): try container.encode(bool)
            case .integer(let integer): try container.encode(integer)
            // JSON has no infinity, which a number such as 1e400 reads as.
            case .float(let number) where number.isFinite: try container.encode(number)
            case .string(let text): try container.encode(text)
            default: try container.encodeNil()
            }
        }
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
