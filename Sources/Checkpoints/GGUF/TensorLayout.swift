/// Places the tensors of a header in the file: the data begins at the first multiple of the
/// alignment after the header, each tensor at a multiple of it from there, and no two share a byte.
struct TensorLayout {
    let file: MappedFile
    let alignment: Int
    /// Where the data begins, in bytes from the start of the file.
    let dataOffset: Int

    /// The data of a header that ends at `headerEnd`.
    init(file: MappedFile, alignment: Int, headerEnd: Int) {
        self.file = file
        self.alignment = alignment
        dataOffset = (headerEnd + alignment - 1) / alignment * alignment
    }

    /// The tensors in the order of the file. Throws on an offset that is not aligned, on data that
    /// is outside the file, and on two tensors that overlap.
    func place(_ records: [TensorRecord]) throws(GGUFError) -> [TensorInfo] {
        var tensors: [TensorInfo] = []
        tensors.reserveCapacity(records.count)
        for record in records { tensors.append(try place(record)) }
        try refuseOverlaps(tensors, records)
        return tensors
    }

    private func place(_ record: TensorRecord) throws(GGUFError) -> TensorInfo {
        let field = "the data offset of tensor \(quoted(record.name))"
        guard record.dataOffset.isMultiple(of: UInt64(alignment)) else {
            throw .invalid(
                path: file.path,
                field: field,
                offset: record.offsetField,
                problem: "is \(record.dataOffset), no multiple of the alignment \(alignment)"
            )
        }
        let room = file.byteCount - dataOffset
        guard record.byteCount <= room, record.dataOffset <= UInt64(room - record.byteCount) else {
            throw .invalid(
                path: file.path,
                field: field,
                offset: record.offsetField,
                problem: "is \(record.dataOffset), and the tensor's \(record.byteCount) bytes do "
                    + "not fit the \(max(room, 0)) bytes of data in the file; "
                    + "the download may be incomplete"
            )
        }
        return TensorInfo(
            name: record.name,
            shape: record.shape,
            dataType: record.dataType,
            fileOffset: dataOffset + Int(record.dataOffset)
        )
    }

    private func refuseOverlaps(
        _ tensors: [TensorInfo],
        _ records: [TensorRecord]
    ) throws(GGUFError) {
        let order = tensors.indices.sorted { tensors[$0].fileOffset < tensors[$1].fileOffset }
        for (lower, upper) in zip(order, order.dropFirst())
        where tensors[lower].fileRange.upperBound > tensors[upper].fileOffset {
            throw .invalid(
                path: file.path,
                field: "the data offset of tensor \(quoted(tensors[upper].name))",
                offset: records[upper].offsetField,
                problem: "is \(records[upper].dataOffset), inside tensor "
                    + "\(quoted(tensors[lower].name))"
            )
        }
    }
}
