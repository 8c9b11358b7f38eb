import Checkpoints

/// How the matrices of a folder are quantised, as its `quantization_config` says.
enum HubQuantization: Equatable {
    /// They are floats.
    case none
    /// The experts are, as `PackedExperts` knows.
    case mxfp4
    /// Bytes of four bits of exponent and three of mantissa, with a scale for each block.
    /// - Parameter block: rows and columns that share a scale, where the scales' shape does not
    ///   say; nil: it says.
    case fp8(block: FP8Block?)
    /// Four bits, with a scale and a zero for each group of columns.
    case int4(GroupedIntegers.Layout)

    /// Reads the object; of `isMixture` models some methods are known that others do not have.
    /// - Throws: `ModelError` that names what is not supported.
    init(_ json: JSONValue, isMixture: Bool, file: String) throws(ModelError) {
        let method = json["quant_method"]?.string?.lowercased() ?? "gptq"
        switch method {
        case "mxfp4" where isMixture: self = .mxfp4
        case "fp8", "fbgemm_fp8": self = .fp8(block: try FP8Block(json, file: file))
        case "compressed-tensors": self = .fp8(block: try FP8Block(groups: json, file: file))
        case "gptq": self = .int4(try .init(gptq: json, file: file))
        case "awq": self = .int4(try .init(awq: json, file: file))
        default:
            throw .badConfiguration(
                file: file,
                detail: "weights quantised by `\(method)` are not supported in folders (fp8, gptq "
                    + "and awq with 4 bits are); take one in BF16, F16 or F32, or a GGUF file"
            )
        }
    }

    /// The folder's matrices that are to be unpacked or packed anew, under its own names, and what
    /// is to be said of them.
    func matrices(_ folder: SafetensorsFolder) throws -> (tensors: [DerivedTensor], notes: [String])
    {
        switch self {
        case .none, .mxfp4: return ([], [])
        case .fp8(let block): return try FP8Matrices(folder, block).all()
        case .int4(let layout): return try GroupedIntegers(folder, layout).all()
        }
    }

    /// Whether a tensor only serves methods that quantise activations or the KV cache, too.
    func isBeside(_ name: String) -> Bool {
        guard case .fp8 = self else { return false }
        return [".input_scale", ".activation_scale", ".k_scale", ".v_scale", ".output_scale"]
            .contains { name.hasSuffix($0) }
    }
}

/// Rows and columns of a matrix that share a scale.
struct FP8Block: Equatable {
    let rows: Int
    let columns: Int

    /// `weight_block_size`; nil where there is none, as with a scale for each row or matrix.
    /// - Throws: `ModelError` for a size that is none.
    init?(_ json: JSONValue, file: String) throws(ModelError) {
        guard let size = json["weight_block_size"]?.array else { return nil }
        try self.init(size, file: file)
    }

    /// That of the one group of `compressed-tensors`.
    /// - Throws: `ModelError` unless weights are floats of 8 bits.
    init?(groups json: JSONValue, file: String) throws(ModelError) {
        let groups = json["config_groups"]?.object ?? [:]
        guard groups.count == 1, let weights = groups.first?.value["weights"],
            weights["num_bits"]?.integer == 8, weights["type"]?.string == "float"
        else {
            throw .badConfiguration(
                file: file,
                detail: "compressed-tensors of other weights than floats of 8 bits (FP8) are "
                    + "not supported; take a folder in BF16, FP8, GPTQ or AWQ, or a GGUF file"
            )
        }
        guard let size = weights["block_structure"]?.array else { return nil }
        try self.init(size, file: file)
    }

    private init(_ size: [JSONValue], file: String) throws(ModelError) {
        let sizes = size.compactMap(\.integer)
        guard size.count == 2, sizes.count == 2, sizes.allSatisfy((1...65_536).contains),
            sizes[1] % 8 == 0
        else {
            throw .badConfiguration(
                file: file,
                detail: "the size of blocks of FP8 weights is to be two numbers, rows and columns, "
                    + "the latter a multiple of 8, and is \(sizes)"
            )
        }
        (rows, columns) = (sizes[0], sizes[1])
    }
}
