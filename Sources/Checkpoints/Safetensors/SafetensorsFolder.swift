import Foundation

/// A folder in Hugging Face's layout: `model.safetensors`, or the files that
/// `model.safetensors.index.json` names.
public struct SafetensorsFolder: Checkpoint {
    /// The folder.
    public let path: String
    /// The tensors of all files. `TensorInfo.fileOffset` counts within the tensor's own file.
    public let tensors: [TensorInfo]
    /// The files, by name.
    public let files: [String]
    private let shards: [SafetensorsFile]
    /// From a tensor's name to its shard and its place in `tensors`.
    private let places: [String: (shard: Int, index: Int)]

    /// Opens the folder and checks every file's header, and the index against them.
    public init(path: String) throws(SafetensorsError) {
        let indexPath = path + "/model.safetensors.index.json"
        if FileManager.default.fileExists(atPath: indexPath) {
            let index = try SafetensorsIndex(path: indexPath)
            try self.init(path: path, files: index.files)
            try check(index, indexPath)
        } else {
            try self.init(path: path, files: ["model.safetensors"])
        }
    }

    private init(path: String, files: [String]) throws(SafetensorsError) {
        self.path = path
        self.files = files
        var shards: [SafetensorsFile] = []
        var tensors: [TensorInfo] = []
        var places: [String: (shard: Int, index: Int)] = [:]
        for (shard, name) in files.enumerated() {
            let file = try SafetensorsFile(path: "\(path)/\(name)")
            shards.append(file)
            for tensor in file.tensors {
                let place = (shard, tensors.count)
                if let other = places.updateValue(place, forKey: tensor.name) {
                    throw .invalid(
                        path: file.path,
                        tensor: tensor.name,
                        problem: "is also in \(files[other.shard])"
                    )
                }
                tensors.append(tensor)
            }
        }
        (self.shards, self.tensors, self.places) = (shards, tensors, places)
    }

    /// A file that is missing, or of another revision, shows in names that the index has elsewhere.
    private func check(_ index: SafetensorsIndex, _ indexPath: String) throws(SafetensorsError) {
        for (name, file) in index.files(byTensor: places.keys) {
            guard let file, let place = places[name], files[place.shard] == file else {
                throw .index(
                    path: indexPath,
                    problem: "it has tensor \(quoted(name)) in \(file ?? "no file"), and the "
                        + "tensor is in \(places[name].map { files[$0.shard] } ?? "none of them")"
                )
            }
        }
    }

    public func tensor(named name: String) -> TensorInfo? {
        places[name].map { tensors[$0.index] }
    }

    public func withBytes<R>(
        of tensor: TensorInfo,
        _ body: (RawSpan) throws -> R
    ) rethrows -> R {
        try shard(of: tensor).withBytes(of: tensor, body)
    }

    /// Takes a tensor's bytes out of this process's memory, after `withBytes` has brought them.
    package func release(_ tensor: TensorInfo) { shard(of: tensor).release(tensor) }

    /// - Throws: `unreadable` with the system's reason.
    public func read(
        _ tensor: TensorInfo,
        _ range: Range<Int>,
        into bytes: inout MutableRawSpan,
        at offset: Int
    ) throws(SafetensorsError) {
        try shard(of: tensor).read(tensor, range, into: &bytes, at: offset)
    }

    private func shard(of tensor: TensorInfo) -> SafetensorsFile {
        guard let place = places[tensor.name],
            tensors[place.index].fileRange == tensor.fileRange
        else {
            preconditionFailure("tensor \(tensor.name) is not of \(path)")
        }
        return shards[place.shard]
    }
}

/// `model.safetensors.index.json`: which file each tensor is in.
private struct SafetensorsIndex {
    private let fileByTensor: [String: String]
    /// In alphabetical order.
    let files: [String]

    init(path: String) throws(SafetensorsError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .unreadable(path: path, reason: "it cannot be opened")
        }
        guard data.count <= SafetensorsLimits.indexByteCount else {
            throw .overLimit(
                path: path,
                field: "its length",
                value: UInt64(data.count),
                limit: SafetensorsLimits.indexByteCount
            )
        }
        var map: [String: String] = [:]
        do {
            var cursor = JSONCursor([UInt8](data), depthLimit: 8)
            try cursor.object { cursor, key throws(JSONError) in
                guard key == "weight_map" else { return try cursor.skip() }
                try cursor.object { cursor, tensor throws(JSONError) in
                    map[tensor] = try Self.fileName(&cursor)
                }
            }
            try cursor.end()
        } catch {
            throw .malformed(path: path, offset: error.offset, problem: error.problem)
        }
        fileByTensor = map
        files = Set(map.values).sorted()
        guard (1...SafetensorsLimits.shardCount).contains(files.count) else {
            throw .index(path: path, problem: "its weight_map names \(files.count) files")
        }
    }

    /// A file beside the index, and nowhere else.
    private static func fileName(_ cursor: inout JSONCursor) throws(JSONError) -> String {
        let name = try cursor.string()
        guard name.hasSuffix(".safetensors"), !name.contains("/"), !name.contains("\0"),
            name.utf8.count <= 255
        else {
            throw cursor.failure("follows \(quoted(name)), which is no file beside the index")
        }
        return name
    }

    /// The file of every tensor that the index or `others` have.
    func files(byTensor others: some Collection<String>) -> [(String, String?)] {
        let missing = others.filter { fileByTensor[$0] == nil }
        return fileByTensor.map { ($0.key, $0.value) } + missing.map { ($0, nil) }
    }
}
