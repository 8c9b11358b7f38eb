/// Everything in a safetensors file but the tensors' bytes, checked.
///
/// The format: the header's length as a little-endian 64-bit number, the header as a JSON object
/// from names to type, shape and byte range, then the bytes, which the ranges cover without a gap.
struct SafetensorsHeader {
    /// In the order of their bytes.
    let tensors: [TensorInfo]
    /// `__metadata__`: texts by key, such as the framework that wrote the file.
    let metadata: [String: String]

    init(parsing file: MappedFile) throws(SafetensorsError) {
        let dataOffset = try Self.dataOffset(of: file)
        let bytes = file.withBytes(in: 8..<dataOffset) { span in
            span.byteCount == 0 ? [] : (0..<span.byteCount).map { span.byte(at: $0) }
        }
        var cursor = JSONCursor(bytes, depthLimit: SafetensorsLimits.depth)
        var records: [Record] = []
        var metadata: [String: String] = [:]
        do {
            try cursor.object { cursor, name throws(JSONError) in
                if name == "__metadata__" {
                    metadata = try Self.metadata(&cursor)
                } else {
                    guard records.count < SafetensorsLimits.tensorCount else {
                        throw cursor.failure("has over \(SafetensorsLimits.tensorCount) tensors")
                    }
                    records.append(try Record(name, &cursor))
                }
            }
            try cursor.end()
        } catch {
            throw .malformed(path: file.path, offset: 8 + error.offset, problem: error.problem)
        }
        self.metadata = metadata
        tensors = try Self.place(records, in: file, from: dataOffset)
    }

    /// Where the tensors' bytes begin.
    private static func dataOffset(of file: MappedFile) throws(SafetensorsError) -> Int {
        guard file.byteCount >= 8 else {
            throw .truncated(path: file.path, needed: 8, byteCount: file.byteCount)
        }
        let length = file.withBytes(in: 0..<8) { $0.integer(at: 0, as: UInt64.self) }
        guard length <= UInt64(SafetensorsLimits.headerByteCount) else {
            if let found = kind(of: file) {
                throw .notSafetensors(path: file.path, found: found)
            }
            throw .overLimit(
                path: file.path,
                field: "the header's length",
                value: length,
                limit: SafetensorsLimits.headerByteCount
            )
        }
        guard 8 + Int(length) <= file.byteCount else {
            throw .truncated(path: file.path, needed: 8 + length, byteCount: file.byteCount)
        }
        return 8 + Int(length)
    }

    /// What the first bytes look like, read as text.
    private static func kind(of file: MappedFile) -> String? {
        let start = file.withBytes(in: 0..<8) { span in
            String(decoding: (0..<8).map { span.byte(at: $0) }, as: UTF8.self)
        }
        if start.hasPrefix("version ") {
            return "it is a Git LFS pointer, not the file itself: fetch it with 'git lfs pull'"
        }
        if start.hasPrefix("<") {
            return "it is a web page: the download got an error page instead"
        }
        if start.hasPrefix("GGUF") { return "it is a GGUF file" }
        if start.hasPrefix("PK") || start.hasPrefix("\u{80}") {
            return "it is a PyTorch file, which can run code when it is read: convert it"
        }
        return nil
    }

    private static func metadata(_ cursor: inout JSONCursor) throws(JSONError) -> [String: String] {
        var metadata: [String: String] = [:]
        try cursor.object { cursor, key throws(JSONError) in
            metadata[key] = try cursor.string()
        }
        return metadata
    }
}

/// A tensor as the header describes it.
private struct Record {
    let name: String
    let type: String
    let shape: [Int]
    /// From the start of the tensors' bytes.
    let range: (start: Int, end: Int)

    init(_ name: String, _ cursor: inout JSONCursor) throws(JSONError) {
        guard (1...SafetensorsLimits.nameByteCount).contains(name.utf8.count) else {
            throw cursor.failure("follows a tensor's name of \(name.utf8.count) bytes")
        }
        var type: String?
        var shape: [Int]?
        var ends: [Int]?
        try cursor.object { cursor, key throws(JSONError) in
            switch key {
            case "dtype": type = try cursor.string()
            case "shape":
                shape = try Self.integers(&cursor, limit: SafetensorsLimits.dimensionCount)
            case "data_offsets": ends = try Self.integers(&cursor, limit: 2)
            default: throw cursor.failure("belongs to the unknown key \(quoted(key))")
            }
        }
        guard let type, let shape, let ends, ends.count == 2 else {
            throw cursor.failure(
                "ends tensor \(quoted(name)) without a dtype, a shape or two data_offsets"
            )
        }
        (self.name, self.type, self.shape, range) = (name, type, shape, (ends[0], ends[1]))
    }

    /// Natural numbers.
    private static func integers(
        _ cursor: inout JSONCursor,
        limit: Int
    ) throws(JSONError) -> [Int] {
        var integers: [Int] = []
        try cursor.array { cursor throws(JSONError) in
            let value = try cursor.integer()
            guard value >= 0 else { throw cursor.failure("follows the negative number \(value)") }
            guard integers.count < limit else {
                throw cursor.failure("has more than \(limit) numbers")
            }
            integers.append(value)
        }
        return integers
    }
}

extension SafetensorsHeader {
    /// The tensors in the order of their bytes. Throws on ranges that do not fit type and shape,
    /// that overlap, leave gaps or lie outside the file.
    private static func place(
        _ records: [Record],
        in file: MappedFile,
        from dataOffset: Int
    ) throws(SafetensorsError) -> [TensorInfo] {
        let path = file.path
        var tensors: [TensorInfo] = []
        tensors.reserveCapacity(records.count)
        var position = 0
        let ordered = records.sorted {
            ($0.range.start, $0.range.end) < ($1.range.start, $1.range.end)
        }
        for record in ordered {
            let dataType = try dataType(of: record, path)
            let byteCount = try byteCount(of: record, dataType, path)
            let (start, end) = record.range
            guard start <= end, end - start == byteCount else {
                throw .invalid(
                    path: path,
                    tensor: record.name,
                    problem: "has the bytes \(start) to \(end), and \(dataType) of shape "
                        + "\(record.shape) takes \(byteCount)"
                )
            }
            guard start == position else {
                throw .invalid(
                    path: path,
                    tensor: record.name,
                    problem: "begins at byte \(start) of the data, and the tensor before it ends "
                        + "at \(position)"
                )
            }
            position = end
            tensors.append(
                TensorInfo(
                    name: record.name,
                    shape: record.shape,
                    dataType: dataType,
                    fileOffset: dataOffset + start
                )
            )
            // Checked at each, so that no sum can overflow.
            guard position <= file.byteCount - dataOffset else {
                throw .truncated(
                    path: path,
                    needed: UInt64(dataOffset) + UInt64(position),
                    byteCount: file.byteCount
                )
            }
        }
        guard position == file.byteCount - dataOffset else {
            throw .malformed(
                path: path,
                offset: dataOffset,
                problem: "describes \(position) bytes of data, and the file has "
                    + "\(file.byteCount - dataOffset)"
            )
        }
        return tensors
    }

    private static func dataType(
        of record: Record,
        _ path: String
    ) throws(SafetensorsError) -> DataType {
        guard let dataType = DataType(safetensorsName: record.type) else {
            throw .invalid(
                path: path,
                tensor: record.name,
                problem: "is of type \(quoted(record.type)), which is not read here"
            )
        }
        return dataType
    }

    private static func byteCount(
        of record: Record,
        _ dataType: DataType,
        _ path: String
    ) throws(SafetensorsError) -> Int {
        var byteCount = dataType.blockByteCount
        for extent in record.shape {
            let (product, overflow) = byteCount.multipliedReportingOverflow(by: extent)
            guard !overflow else {
                throw .invalid(
                    path: path,
                    tensor: record.name,
                    problem: "has the shape \(record.shape), more than 2^63 - 1 bytes"
                )
            }
            byteCount = product
        }
        return byteCount
    }
}

extension DataType {
    /// The type that safetensors files call `name`.
    init?(safetensorsName name: String) {
        switch name {
        case "F64": self = .f64
        case "F32": self = .f32
        case "F16": self = .f16
        case "BF16": self = .bf16
        case "F8_E4M3": self = .f8_e4m3
        case "F8_E5M2": self = .f8_e5m2
        case "F8_E8M0": self = .f8_e8m0
        case "I64": self = .i64
        case "I32": self = .i32
        case "I16": self = .i16
        case "I8": self = .i8
        case "U64": self = .u64
        case "U32": self = .u32
        case "U16": self = .u16
        case "U8": self = .u8
        case "BOOL": self = .bool
        default: return nil
        }
    }
}
