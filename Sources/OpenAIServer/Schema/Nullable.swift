/// An optional that is written as `null`, where clients expect the key to be there.
@propertyWrapper
struct Nullable<Value: Encodable & Sendable>: Encodable, Sendable {
    var wrappedValue: Value?

    init(wrappedValue: Value?) {
        self.wrappedValue = wrappedValue
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue {
            try container.encode(wrappedValue)
        } else {
            try container.encodeNil()
        }
    }
}

/// What ended a choice beside the model's own end of sequence: a stop string or a stop token.
enum StopReason: Encodable, Equatable, Sendable {
    case string(String)
    case token(UInt32)

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .string(let string): try container.encode(string)
        case .token(let token): try container.encode(token)
        }
    }
}
