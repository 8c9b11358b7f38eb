/// A tensor as the header describes it, before its place in the file is known.
struct TensorRecord {
    let name: String
    /// Outermost first.
    let shape: [Int]
    let dataType: DataType
    let byteCount: Int
    /// From the start of the tensor data.
    let dataOffset: UInt64
    /// Where the header says so, for messages.
    let offsetField: Int
}

extension HeaderReader {
    /// The next `count` tensor descriptions. Throws on a name that was there before.
    mutating func tensorRecords(count: Int) throws(GGUFError) -> [TensorRecord] {
        var records: [TensorRecord] = []
        var offsets: [String: Int] = [:]
        records.reserveCapacity(count)
        offsets.reserveCapacity(count)
        for index in 0..<count {
            let start = offset
            let record = try tensorRecord(index)
            if let first = offsets.updateValue(start, forKey: record.name) {
                throw .invalid(
                    path: path,
                    field: "the name of tensor \(index), \(quoted(record.name)),",
                    offset: start,
                    problem: "is a duplicate of the name at byte \(first)"
                )
            }
            records.append(record)
        }
        return records
    }

    private mutating func tensorRecord(_ index: Int) throws(GGUFError) -> TensorRecord {
        let start = offset
        let name = try string(
            limit: GGUFLimits.tensorNameByteCount,
            "the name of tensor \(index)"
        )
        guard !name.isEmpty else {
            throw .invalid(
                path: path,
                field: "the name of tensor \(index)",
                offset: start,
                problem: "is empty"
            )
        }
        let tensor = "tensor \(quoted(name))"
        let shapeField = offset
        let extents = try extents(of: tensor)
        let typeField = offset
        let number: UInt32 = try integer("the type of \(tensor)")
        guard let dataType = DataType(ggufNumber: number) else {
            throw .unknownDataType(
                path: path,
                field: "the type of \(tensor)",
                offset: typeField,
                number: number
            )
        }
        let byteCount = try byteCount(of: extents, dataType, tensor, shapeField: shapeField)
        let offsetField = offset
        let dataOffset: UInt64 = try integer("the data offset of \(tensor)")
        return TensorRecord(
            name: name,
            shape: extents.reversed(),
            dataType: dataType,
            byteCount: byteCount,
            dataOffset: dataOffset,
            offsetField: offsetField
        )
    }

    /// The extents, innermost first as in the file, each at least 1.
    private mutating func extents(of tensor: String) throws(GGUFError) -> [Int] {
        let countField = offset
        let count: UInt32 = try integer("the dimension count of \(tensor)")
        guard count <= GGUFLimits.dimensionCount else {
            throw .overLimit(
                path: path,
                field: "the dimension count of \(tensor)",
                offset: countField,
                value: UInt64(count),
                limit: GGUFLimits.dimensionCount
            )
        }
        var extents: [Int] = []
        for dimension in 0..<count {
            let start = offset
            let value: UInt64 = try integer("dimension \(dimension) of \(tensor)")
            guard value > 0, let extent = Int(exactly: value) else {
                throw .invalid(
                    path: path,
                    field: "dimension \(dimension) of \(tensor)",
                    offset: start,
                    problem: "is \(value), outside 1 to 2^63 - 1"
                )
            }
            extents.append(extent)
        }
        return extents
    }

    /// The bytes that a tensor of these extents takes. Throws when rows are not whole blocks or the
    /// product overflows.
    private func byteCount(
        of extents: [Int],
        _ dataType: DataType,
        _ tensor: String,
        shapeField: Int
    ) throws(GGUFError) -> Int {
        let columns = extents.first ?? 1
        guard columns.isMultiple(of: dataType.blockSize) else {
            throw .invalid(
                path: path,
                field: "the shape of \(tensor)",
                offset: shapeField,
                problem: "has rows of \(columns), no multiple of \(dataType)'s block of "
                    + "\(dataType.blockSize)"
            )
        }
        var blocks = columns / dataType.blockSize
        for factor in extents.dropFirst() + [dataType.blockByteCount] {
            let (product, overflow) = blocks.multipliedReportingOverflow(by: factor)
            guard !overflow else {
                throw .invalid(
                    path: path,
                    field: "the shape of \(tensor)",
                    offset: shapeField,
                    problem: "is \(extents) of \(dataType), more than 2^63 - 1 bytes"
                )
            }
            blocks = product
        }
        return blocks
    }
}
