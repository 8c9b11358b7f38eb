/// Everything in a GGUF file but the tensors' bytes, checked.
///
/// The format, all little-endian: magic, version, tensor count, pair count, the pairs, the tensors'
/// names, shapes, types and offsets, padding, data. Specification: `docs/gguf.md` of ggml.
struct GGUFHeader {
    let version: UInt32
    let metadata: Metadata
    /// In the order of the file.
    let tensors: [TensorInfo]

    /// Reads the header of `file` and checks every length and offset in it.
    init(parsing file: MappedFile) throws(GGUFError) {
        var reader = HeaderReader(file)
        version = try reader.version()
        // A tensor takes at least an empty name, a dimension count, a type and an offset; a pair
        // an empty key, a type and a byte.
        let tensorCount = try reader.count(
            of: 24,
            limit: GGUFLimits.tensorCount,
            "the tensor count"
        )
        let pairCount = try reader.count(
            of: 13,
            limit: GGUFLimits.keyValueCount,
            "the metadata count"
        )
        let (metadata, alignment) = try reader.metadata(count: pairCount)
        let records = try reader.tensorRecords(count: tensorCount)
        let layout = TensorLayout(file: file, alignment: alignment, headerEnd: reader.offset)
        self.metadata = metadata
        tensors = try layout.place(records)
    }
}

extension HeaderReader {
    /// Reads the magic and the version, and refuses all but little-endian versions 2 and 3.
    mutating func version() throws(GGUFError) -> UInt32 {
        let magic: UInt32 = try integer("the magic")
        guard magic != fourBytes("FUGG") else { throw .bigEndian(path: path) }
        guard magic == fourBytes("GGUF") else {
            throw .notGGUF(path: path, found: Self.describe(magic: magic))
        }
        let version: UInt32 = try integer("the version")
        // Big-endian files keep the magic's order of bytes and swap everything after it.
        guard version == 0 || version & 0xFFFF != 0 else { throw .bigEndian(path: path) }
        guard version == 2 || version == 3 else {
            throw .unsupportedVersion(path: path, version: version)
        }
        return version
    }

    private static func describe(magic: UInt32) -> String {
        switch magic {
        case fourBytes("lmgg"), fourBytes("tjgg"), fourBytes("fmgg"), fourBytes("algg"):
            "that of a GGML file from before GGUF: convert the model again with a current tool"
        case fourBytes("vers"):
            "that of a Git LFS pointer, not of the file itself: fetch it with 'git lfs pull'"
        case fourBytes("<!do"), fourBytes("<!DO"), fourBytes("<htm"):
            "that of a web page: the download got an error page instead of the model"
        default:
            "0x" + String(magic.byteSwapped, radix: 16)
        }
    }
}

/// The integer that four ASCII characters are, read as little-endian.
private func fourBytes(_ text: StaticString) -> UInt32 {
    text.description.utf8.reversed().reduce(0) { $0 << 8 | UInt32($1) }
}
