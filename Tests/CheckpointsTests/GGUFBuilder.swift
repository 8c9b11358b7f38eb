import Checkpoints

/// Writes GGUF files, right ones and wrong ones: every field can be set to what it should not be.
struct GGUFBuilder {
    /// A tensor as it is written; the offset follows from the data unless it is set.
    struct Tensor {
        var name: String
        /// In the file's order: innermost first.
        var extents: [UInt64]
        var type: UInt32
        var data: [UInt8]
        var offset: UInt64?
        var dimensionCount: UInt32?

        init(
            _ name: String,
            extents: [UInt64],
            type: UInt32 = DataType.f32.rawValue,
            data: [UInt8]? = nil,
            offset: UInt64? = nil,
            dimensionCount: UInt32? = nil
        ) {
            let elementCount = extents.reduce(1, &*)
            self.name = name
            self.extents = extents
            self.type = type
            self.data =
                data
                ?? (elementCount > 4096 ? [] : .init(repeating: 7, count: Int(elementCount) * 4))
            self.offset = offset
            self.dimensionCount = dimensionCount
        }
    }

    var magic = [UInt8]("GGUF".utf8)
    var version: UInt32 = 3
    var pairs: [(key: String, value: MetadataValue)] = []
    var tensors: [Tensor] = []
    var alignment = 32
    var tensorCount: UInt64?
    var pairCount: UInt64?

    /// The file.
    func build() -> [UInt8] { write().bytes }

    /// The file, and where in it the counts, lengths, types and offsets are.
    func write() -> GGUFWriter {
        var writer = GGUFWriter()
        writer.bytes += magic
        writer.field(version)
        writer.field(tensorCount ?? UInt64(tensors.count))
        writer.field(pairCount ?? UInt64(pairs.count))
        for (key, value) in pairs {
            writer.string(key)
            writer.field(value.typeNumber)
            writer.value(value)
        }
        var next: UInt64 = 0
        for tensor in tensors {
            writer.string(tensor.name)
            writer.field(tensor.dimensionCount ?? UInt32(tensor.extents.count))
            for extent in tensor.extents { writer.field(extent) }
            writer.field(tensor.type)
            writer.field(tensor.offset ?? next)
            next += UInt64(padded(tensor.data.count))
        }
        writer.headerByteCount = writer.bytes.count
        if !tensors.isEmpty { writer.pad(to: padded(writer.bytes.count)) }
        for tensor in tensors {
            let start = writer.bytes.count
            writer.bytes += tensor.data
            writer.pad(to: start + padded(tensor.data.count))
        }
        return writer
    }

    private func padded(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }
}

/// The bytes written so far, and the places of the numbers a reader must not trust.
struct GGUFWriter {
    /// A number in the header.
    struct Field {
        let offset: Int
        let size: Int
    }

    var bytes: [UInt8] = []
    var fields: [Field] = []
    var headerByteCount = 0

    mutating func pad(to count: Int) {
        bytes += [UInt8](repeating: 0, count: count - bytes.count)
    }

    /// A number that is marked as a field.
    mutating func field<T: FixedWidthInteger>(_ value: T) {
        fields.append(Field(offset: bytes.count, size: MemoryLayout<T>.size))
        integer(value)
    }

    mutating func integer<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
    }

    mutating func string(_ text: String) {
        field(UInt64(text.utf8.count))
        bytes += text.utf8
    }

    mutating func value(_ value: MetadataValue) {
        switch value {
        case .uint8(let value): integer(value)
        case .int8(let value): integer(value)
        case .uint16(let value): integer(value)
        case .int16(let value): integer(value)
        case .uint32(let value): integer(value)
        case .int32(let value): integer(value)
        case .uint64(let value): integer(value)
        case .int64(let value): integer(value)
        case .float32(let value): integer(value.bitPattern)
        case .float64(let value): integer(value.bitPattern)
        case .bool(let value): bytes.append(value ? 1 : 0)
        case .string(let text): string(text)
        case .array(let elements): array(elements)
        }
    }

    private mutating func array(_ array: MetadataArray) {
        field(array.elementTypeNumber)
        field(UInt64(array.count))
        switch array {
        case .uint8(let elements): elements.forEach { integer($0) }
        case .int8(let elements): elements.forEach { integer($0) }
        case .uint16(let elements): elements.forEach { integer($0) }
        case .int16(let elements): elements.forEach { integer($0) }
        case .uint32(let elements): elements.forEach { integer($0) }
        case .int32(let elements): elements.forEach { integer($0) }
        case .uint64(let elements): elements.forEach { integer($0) }
        case .int64(let elements): elements.forEach { integer($0) }
        case .float32(let elements): elements.forEach { integer($0.bitPattern) }
        case .float64(let elements): elements.forEach { integer($0.bitPattern) }
        case .bool(let elements): elements.forEach { bytes.append($0 ? 1 : 0) }
        case .string(let elements): elements.forEach { string($0) }
        case .array(let elements): elements.forEach { self.array($0) }
        }
    }
}

extension MetadataValue {
    /// The number of the value's type in the file.
    var typeNumber: UInt32 {
        switch self {
        case .uint8: 0
        case .int8: 1
        case .uint16: 2
        case .int16: 3
        case .uint32: 4
        case .int32: 5
        case .float32: 6
        case .bool: 7
        case .string: 8
        case .array: 9
        case .uint64: 10
        case .int64: 11
        case .float64: 12
        }
    }
}

extension MetadataArray {
    /// The number of the elements' type in the file.
    var elementTypeNumber: UInt32 {
        switch self {
        case .uint8: 0
        case .int8: 1
        case .uint16: 2
        case .int16: 3
        case .uint32: 4
        case .int32: 5
        case .float32: 6
        case .bool: 7
        case .string: 8
        case .array: 9
        case .uint64: 10
        case .int64: 11
        case .float64: 12
        }
    }
}
