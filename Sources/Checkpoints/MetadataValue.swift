/// One value of a checkpoint's metadata, in the type it has in the file.
public enum MetadataValue: Sendable, Equatable {
    case uint8(UInt8)
    case int8(Int8)
    case uint16(UInt16)
    case int16(Int16)
    case uint32(UInt32)
    case int32(Int32)
    case uint64(UInt64)
    case int64(Int64)
    case float32(Float)
    case float64(Double)
    case bool(Bool)
    case string(String)
    case array(MetadataArray)
}

/// An array in a checkpoint's metadata, stored by its element type: a vocabulary has 256,000
/// strings, and a boxed value for each would cost more than the text.
public enum MetadataArray: Sendable, Equatable {
    case uint8([UInt8])
    case int8([Int8])
    case uint16([UInt16])
    case int16([Int16])
    case uint32([UInt32])
    case int32([Int32])
    case uint64([UInt64])
    case int64([Int64])
    case float32([Float])
    case float64([Double])
    case bool([Bool])
    case string([String])
    case array([MetadataArray])

    /// The number of elements.
    public var count: Int {
        switch self {
        case .uint8(let elements): elements.count
        case .int8(let elements): elements.count
        case .uint16(let elements): elements.count
        case .int16(let elements): elements.count
        case .uint32(let elements): elements.count
        case .int32(let elements): elements.count
        case .uint64(let elements): elements.count
        case .int64(let elements): elements.count
        case .float32(let elements): elements.count
        case .float64(let elements): elements.count
        case .bool(let elements): elements.count
        case .string(let elements): elements.count
        case .array(let elements): elements.count
        }
    }

    /// What the elements are, in GGUF's words.
    public var elementTypeName: String {
        switch self {
        case .uint8: "uint8"
        case .int8: "int8"
        case .uint16: "uint16"
        case .int16: "int16"
        case .uint32: "uint32"
        case .int32: "int32"
        case .uint64: "uint64"
        case .int64: "int64"
        case .float32: "float32"
        case .float64: "float64"
        case .bool: "bool"
        case .string: "string"
        case .array: "array"
        }
    }
}

extension MetadataValue {
    /// The value's type in GGUF's words, with its size where it is an array.
    public var typeName: String {
        switch self {
        case .uint8: "uint8"
        case .int8: "int8"
        case .uint16: "uint16"
        case .int16: "int16"
        case .uint32: "uint32"
        case .int32: "int32"
        case .uint64: "uint64"
        case .int64: "int64"
        case .float32: "float32"
        case .float64: "float64"
        case .bool: "bool"
        case .string: "string"
        case .array(let array): "array of \(array.count) × \(array.elementTypeName)"
        }
    }

    /// The value when it is an integer of any width. A bool is not.
    var wideInteger: (any BinaryInteger)? {
        switch self {
        case .uint8(let value): value
        case .int8(let value): value
        case .uint16(let value): value
        case .int16(let value): value
        case .uint32(let value): value
        case .int32(let value): value
        case .uint64(let value): value
        case .int64(let value): value
        case .float32, .float64, .bool, .string, .array: nil
        }
    }

    /// The value when it is a number of any kind.
    var number: Double? {
        switch self {
        case .float32(let value): Double(value)
        case .float64(let value): value
        default: wideInteger.map { Double($0) }
        }
    }
}

extension MetadataArray {
    /// The elements when they are integers of any width; an element that no `Int` holds is nil.
    var integers: [Int?]? {
        switch self {
        case .uint8(let elements): elements.map(Int.init)
        case .int8(let elements): elements.map(Int.init)
        case .uint16(let elements): elements.map(Int.init)
        case .int16(let elements): elements.map(Int.init)
        case .uint32(let elements): elements.map(Int.init)
        case .int32(let elements): elements.map(Int.init)
        case .uint64(let elements): elements.map(Int.init(exactly:))
        case .int64(let elements): elements.map(Int.init)
        case .float32, .float64, .bool, .string, .array: nil
        }
    }

    /// The elements when they are numbers of any kind.
    var numbers: [Double]? {
        switch self {
        case .uint8(let elements): elements.map(Double.init)
        case .int8(let elements): elements.map(Double.init)
        case .uint16(let elements): elements.map(Double.init)
        case .int16(let elements): elements.map(Double.init)
        case .uint32(let elements): elements.map(Double.init)
        case .int32(let elements): elements.map(Double.init)
        case .uint64(let elements): elements.map(Double.init)
        case .int64(let elements): elements.map(Double.init)
        case .float32(let elements): elements.map(Double.init)
        case .float64(let elements): elements
        case .bool, .string, .array: nil
        }
    }
}
