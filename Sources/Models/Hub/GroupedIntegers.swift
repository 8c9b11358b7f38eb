import Checkpoints

/// The matrices of a folder that GPTQ or AWQ made: codes of four bits, and for each group of
/// columns of a row a scale and a zero. A weight is `scale × (code − zero)`.
///
/// Here they are Q4_1, of which some blocks of 32 share the group's scale and minimum
/// `−scale × zero`; or Q4_0 where every zero is 8, for that is its own. Columns whose groups are
/// in no order (GPTQ's desc_act) fit neither, and are unpacked to halves.
struct GroupedIntegers {
    private let folder: SafetensorsFolder
    private let layout: Layout

    init(_ folder: SafetensorsFolder, _ layout: Layout) {
        (self.folder, self.layout) = (folder, layout)
    }

    /// All there are, and what is to be said of them.
    /// - Throws: `ModelError` where parts are missing or do not fit each other.
    func all() throws -> (tensors: [DerivedTensor], notes: [String]) {
        var tensors: [DerivedTensor] = []
        for codes in folder.tensors where codes.name.hasSuffix(".qweight") {
            tensors.append(try matrix(codes))
        }
        let unordered = tensors.filter { $0.info.dataType == .f16 }
        let byteCount = unordered.reduce(0) { $0 + $1.info.byteCount }
        let note =
            "The columns of \(unordered.count) matrices are quantised in an order of their own "
            + "(desc_act), so these are unpacked to F16, \(byteCount >> 20) MiB; --quantization "
            + "q8_0 stores them in about half of that, q4_k in a quarter."
        return (tensors, unordered.isEmpty ? [] : [note])
    }

    private func matrix(_ codes: TensorInfo) throws -> DerivedTensor {
        let parts = try Parts(folder, codes, layout)
        let type: DataType =
            parts.groups != nil ? .f16 : layout.isSymmetric ? .q4_0 : .q4_1
        return DerivedTensor(
            info: TensorInfo(
                name: parts.name + ".weight",
                shape: [parts.rows, parts.columns],
                dataType: type,
                fileOffset: 0
            ),
            rowCount: parts.rows,
            sources: parts.sources,
            release: { [folder] in folder.release(codes) }
        ) { [folder] rows in
            let strip = try GroupedStrip(folder, parts, rows)
            if let groups = parts.groups { return strip.halves(groups) }
            return type == .q4_0
                ? try strip.symmetric(file: folder.path) : strip.withMinima()
        }
    }
}

extension GroupedIntegers {
    /// How codes and zeros are packed.
    struct Layout: Equatable {
        enum Packing: Equatable {
            /// Eight neighbours of a column in a word, in order.
            case gptq
            /// Eight neighbours of a row in a word, in the order 0, 2, 4, 6, 1, 3, 5, 7.
            case awq
        }
        let packing: Packing
        /// Columns that share a scale and a zero; nil: all do.
        let groupSize: Int?
        /// Whether every zero is 8.
        let isSymmetric: Bool
        /// What the zeros lack.
        let zeroOffset: Int

        init(gptq json: JSONValue, file: String) throws(ModelError) {
            let format = (json["checkpoint_format"] ?? json["format"])?.string ?? "gptq"
            guard ["gptq", "gptq_v2"].contains(format), json["is_marlin_format"]?.bool != true
            else {
                throw .badConfiguration(
                    file: file,
                    detail: "the GPTQ format `\(format == "gptq" ? "marlin" : format)` is not "
                        + "supported (gptq and gptq_v2 are)"
                )
            }
            packing = .gptq
            groupSize = try Self.groupSize(json, "GPTQ", file: file)
            isSymmetric = json["sym"]?.bool ?? true
            zeroOffset = format == "gptq" ? 1 : 0
        }

        init(awq json: JSONValue, file: String) throws(ModelError) {
            let version = (json["version"] ?? json["format"])?.string?.lowercased() ?? "gemm"
            guard version == "gemm" else {
                throw .badConfiguration(
                    file: file,
                    detail: "AWQ weights packed for `\(version)` are not supported (gemm are)"
                )
            }
            packing = .awq
            groupSize = try Self.groupSize(json, "AWQ", file: file)
            isSymmetric = false
            zeroOffset = 0
        }

        private static func groupSize(
            _ json: JSONValue,
            _ method: String,
            file: String
        ) throws(ModelError) -> Int? {
            let bits = (json["bits"] ?? json["w_bit"])?.integer ?? 4
            guard bits == 4 else {
                throw .badConfiguration(
                    file: file,
                    detail: "\(method) weights of \(bits) bits are not supported (4 are)"
                )
            }
            let size = (json["group_size"] ?? json["q_group_size"])?.integer ?? 128
            guard size != -1 else { return nil }
            guard (32...65_536).contains(size), size % 32 == 0 else {
                throw .badConfiguration(
                    file: file,
                    detail: "the group size of \(method) weights is \(size); it must be -1 or a "
                        + "multiple of 32"
                )
            }
            return size
        }
    }

    /// The tensors of a matrix, which fit each other.
    struct Parts: Sendable {
        /// What their names begin with.
        let name: String
        let packing: Layout.Packing
        let zeroOffset: Int
        /// Of the matrix.
        let rows: Int
        let columns: Int
        let groupSize: Int
        let groupCount: Int
        /// I32 [columns / 8, rows] by GPTQ, [columns, rows / 8] by AWQ.
        let codes: TensorInfo
        /// I32 [groups, rows / 8].
        let zeros: TensorInfo
        /// [groups, rows].
        let scales: TensorInfo
        /// Each column's group, where they are in no order.
        let groups: [Int]?
        let sources: [String]
    }
}

extension GroupedIntegers.Parts {
    init(
        _ folder: SafetensorsFolder,
        _ codes: TensorInfo,
        _ layout: GroupedIntegers.Layout
    ) throws {
        guard codes.shape.count == 2, codes.elementCount > 0, codes.dataType == .i32 else {
            throw ModelError.badConfiguration(
                file: folder.path,
                detail: "`\(codes.name)` is in \(codes.dataType) and has the shape \(codes.shape)"
            )
        }
        name = String(codes.name.dropLast(".qweight".count))
        self.codes = codes
        (packing, zeroOffset) = (layout.packing, layout.zeroOffset)
        let isGPTQ = packing == .gptq
        (rows, columns) =
            isGPTQ
            ? (codes.shape[1], 8 * codes.shape[0]) : (8 * codes.shape[1], codes.shape[0])
        guard columns % 32 == 0, rows % 8 == 0 else {
            throw ModelError.badConfiguration(
                file: folder.path,
                detail: "`\(name)` has \(rows) rows of \(columns) weights, no multiples of 8 and 32"
            )
        }
        groupSize = min(layout.groupSize ?? columns, columns)
        groupCount = (columns + groupSize - 1) / groupSize
        zeros = try folder.tensor(name + ".qzeros", shape: [groupCount, rows / 8], [.i32])
        scales = try folder.tensor(
            name + ".scales",
            shape: [groupCount, rows],
            [.f16, .bf16, .f32]
        )
        let own = [codes.name, zeros.name, scales.name]
        guard isGPTQ, folder.tensor(named: name + ".g_idx") != nil else {
            (groups, sources) = (nil, own)
            return
        }
        let groups = try folder.tensor(name + ".g_idx", shape: [columns], [.i32])
        self.groups = try Self.order(groups, groupSize, groupCount, folder)
        sources = own + [groups.name]
    }

    /// Each column's group; nil where they are in order.
    private static func order(
        _ groups: TensorInfo,
        _ groupSize: Int,
        _ groupCount: Int,
        _ folder: SafetensorsFolder
    ) throws -> [Int]? {
        let bytes = try folder.bytes(of: groups, 0..<groups.byteCount)
        let order = (0..<groups.elementCount).map {
            Int(unsafe bytes.span.bytes.load(4 * $0, as: Int32.self))
        }
        if let wrong = order.first(where: { !(0..<groupCount).contains($0) }) {
            throw ModelError.badConfiguration(
                file: folder.path,
                detail: "`\(groups.name)` names the group \(wrong) of \(groupCount)"
            )
        }
        let isOrdered = order.enumerated().allSatisfy { $1 == $0 / groupSize }
        return isOrdered ? nil : order
    }
}

extension SafetensorsFolder {
    /// A tensor of one shape and one of some types.
    /// - Throws: `ModelError` for another, or for none.
    fileprivate func tensor(
        _ name: String,
        shape: [Int],
        _ types: [DataType]
    ) throws(ModelError) -> TensorInfo {
        guard let tensor = tensor(named: name) else {
            throw .missingTensor(file: path, name: name)
        }
        guard tensor.shape == shape else {
            throw .wrongShape(file: path, name: name, found: tensor.shape, expected: shape)
        }
        guard types.contains(tensor.dataType) else {
            throw .unsupportedFormat(
                file: path,
                name: name,
                format: "\(tensor.dataType)",
                supported: types.map(\.description)
            )
        }
        return tensor
    }
}
