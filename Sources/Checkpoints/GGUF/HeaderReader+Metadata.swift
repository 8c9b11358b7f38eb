/// The types of metadata values, by their number in the file.
private enum ValueType: UInt32 {
    case uint8, int8, uint16, int16, uint32, int32, float32, bool, string, array
    case uint64, int64, float64
}

extension HeaderReader {
    /// The next `count` key-value pairs, and the alignment of tensors that they ask for. Throws on
    /// a key that was there before.
    mutating func metadata(
        count: Int
    ) throws(GGUFError) -> (metadata: Metadata, alignment: Int) {
        var entries: [Metadata.Entry] = []
        var offsets: [String: Int] = [:]
        var alignment = 32
        entries.reserveCapacity(count)
        offsets.reserveCapacity(count)
        for index in 0..<count {
            let start = offset
            let key = try string(limit: GGUFLimits.keyByteCount, "metadata key \(index)")
            let field = "metadata key \(index), \(quoted(key)),"
            guard !key.isEmpty else {
                throw .invalid(path: path, field: field, offset: start, problem: "is empty")
            }
            if let first = offsets.updateValue(start, forKey: key) {
                throw .invalid(
                    path: path,
                    field: field,
                    offset: start,
                    problem: "is a duplicate of the key at byte \(first)"
                )
            }
            let valueStart = offset
            let value = try value(of: quoted(key))
            if key == "general.alignment" {
                alignment = try checkedAlignment(value, offset: valueStart)
            }
            entries.append(Metadata.Entry(key: key, value: value))
        }
        return (Metadata(entries, path: path), alignment)
    }

    private func checkedAlignment(_ value: MetadataValue, offset: Int) throws(GGUFError) -> Int {
        guard let alignment = value.wideInteger.flatMap({ Int(exactly: $0) }), alignment > 0,
            alignment & (alignment - 1) == 0, alignment <= GGUFLimits.alignment
        else {
            throw .invalid(
                path: path,
                field: "the value of 'general.alignment'",
                offset: offset,
                problem: "is \(value.wideInteger.map { "\($0)" } ?? value.typeName), "
                    + "no power of two from 1 to \(GGUFLimits.alignment)"
            )
        }
        return alignment
    }

    private mutating func valueType(_ field: @autoclosure () -> String) throws(GGUFError)
        -> ValueType
    {
        let start = offset
        let number: UInt32 = try integer(field())
        guard let type = ValueType(rawValue: number) else {
            throw .invalid(
                path: path,
                field: field(),
                offset: start,
                problem: "is \(number), which is no known metadata type"
            )
        }
        return type
    }

    /// The next typed value. `key` is quoted already.
    private mutating func value(of key: String) throws(GGUFError) -> MetadataValue {
        let field = "the value of \(key)"
        switch try valueType("the type of \(key)") {
        case .uint8: return .uint8(try integer(field))
        case .int8: return .int8(try integer(field))
        case .uint16: return .uint16(try integer(field))
        case .int16: return .int16(try integer(field))
        case .uint32: return .uint32(try integer(field))
        case .int32: return .int32(try integer(field))
        case .uint64: return .uint64(try integer(field))
        case .int64: return .int64(try integer(field))
        case .float32: return .float32(Float(bitPattern: try integer(field)))
        case .float64: return .float64(Double(bitPattern: try integer(field)))
        case .bool: return .bool(try bools(1, field)[0])
        case .string: return .string(try string(field))
        case .array: return .array(try array(of: key, depth: 1))
        }
    }

    /// The next array: element type, element count, elements. `depth` arrays are open, this one
    /// included.
    private mutating func array(of key: String, depth: Int) throws(GGUFError) -> MetadataArray {
        let start = offset
        let type = try valueType("the element type of \(key)")
        guard depth < GGUFLimits.arrayDepth || type != .array else {
            throw .overLimit(
                path: path,
                field: "the depth of the arrays in \(key)",
                offset: start,
                value: UInt64(depth) + 1,
                limit: GGUFLimits.arrayDepth
            )
        }
        let count = try count(of: type.minimumByteCount, "the element count of \(key)")
        let field = "the elements of \(key)"
        switch type {
        case .uint8: return .uint8(try integers(count, field))
        case .int8: return .int8(try integers(count, field))
        case .uint16: return .uint16(try integers(count, field))
        case .int16: return .int16(try integers(count, field))
        case .uint32: return .uint32(try integers(count, field))
        case .int32: return .int32(try integers(count, field))
        case .uint64: return .uint64(try integers(count, field))
        case .int64: return .int64(try integers(count, field))
        case .float32:
            return .float32(try integers(count, field).map { Float(bitPattern: $0) })
        case .float64:
            return .float64(try integers(count, field).map { Double(bitPattern: $0) })
        case .bool: return .bool(try bools(count, field))
        case .string:
            return .string(
                try elements(count) { (reader, index) throws(GGUFError) in
                    try reader.string("element \(index) of \(key)")
                }
            )
        case .array:
            return .array(
                try elements(count) { (reader, index) throws(GGUFError) in
                    try reader.array(of: "element \(index) of \(key)", depth: depth + 1)
                }
            )
        }
    }

    /// Bytes that are 0 or 1; the specification calls every other byte invalid.
    private mutating func bools(_ count: Int, _ field: String) throws(GGUFError) -> [Bool] {
        let start = offset
        let bytes: [UInt8] = try integers(count, field)
        if let index = bytes.firstIndex(where: { $0 > 1 }) {
            throw .invalid(
                path: path,
                field: field,
                offset: start + index,
                problem: "is a bool of \(bytes[index]), neither 0 nor 1"
            )
        }
        return bytes.map { $0 == 1 }
    }

    private mutating func elements<T>(
        _ count: Int,
        _ next: (inout HeaderReader, Int) throws(GGUFError) -> T
    ) throws(GGUFError) -> [T] {
        // Not reserved all at once: `count` fits the file, but each element takes up to three times
        // as much memory as its smallest form in the file, and the array may break off at once.
        var elements: [T] = []
        for index in 0..<count { elements.append(try next(&self, index)) }
        return elements
    }
}

extension ValueType {
    /// The fewest bytes a value of this type takes in the file.
    fileprivate var minimumByteCount: Int {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64, .string: 8
        case .array: 12
        }
    }
}
