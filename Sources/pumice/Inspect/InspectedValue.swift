import Checkpoints

/// A metadata value as `pumice inspect` shows it: its content without its type, and only what it is
/// where it is a long array, such as a vocabulary.
struct InspectedValue: Encodable {
    private static let elementLimit = 64
    let value: MetadataValue

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(content)
    }

    /// On a line.
    var text: String {
        let text = "\(content)"
        return text.count > 100 ? text.prefix(100) + "..." : text
    }

    private var content: any Encodable {
        switch value {
        case .uint8(let number): number
        case .int8(let number): number
        case .uint16(let number): number
        case .int16(let number): number
        case .uint32(let number): number
        case .int32(let number): number
        case .uint64(let number): number
        case .int64(let number): number
        // JSON has no other numbers.
        case .float32(let number): number.isFinite ? number : "\(number)"
        case .float64(let number): number.isFinite ? number : "\(number)"
        case .bool(let flag): flag
        case .string(let text): text
        case .array(let array):
            array.count > Self.elementLimit ? value.typeName : Self.elements(array)
        }
    }

    private static func elements(_ array: MetadataArray) -> any Encodable {
        switch array {
        case .uint8(let elements): elements
        case .int8(let elements): elements
        case .uint16(let elements): elements
        case .int16(let elements): elements
        case .uint32(let elements): elements
        case .int32(let elements): elements
        case .uint64(let elements): elements
        case .int64(let elements): elements
        case .float32(let elements): elements.map { "\($0)" }
        case .float64(let elements): elements.map { "\($0)" }
        case .bool(let elements): elements
        case .string(let elements): elements
        case .array(let arrays): arrays.map { "\($0.count) × \($0.elementTypeName)" }
        }
    }
}
