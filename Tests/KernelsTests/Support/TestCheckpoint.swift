import Checkpoints

/// A checkpoint in memory that holds matrices and nothing else.
struct TestCheckpoint {
    private var names: [UInt8] = []
    private var data: [UInt8] = []
    private var count: UInt64 = 0

    /// Adds a matrix as it is in a file of its format.
    mutating func add(_ name: String, _ weights: TestWeights) {
        names.append(UInt64(name.utf8.count))
        names += Array(name.utf8)
        names.append(UInt32(2))
        names.append(UInt64(weights.columns))
        names.append(UInt64(weights.rows))
        names.append(weights.format.dataType.rawValue)
        names.append(UInt64(data.count))
        data += weights.bytes
        data.align()
        count += 1
    }

    /// The GGUF file.
    func file() throws -> GGUFFile {
        var bytes = [UInt8]("GGUF".utf8)
        bytes.append(UInt32(3))
        bytes.append(count)
        bytes.append(UInt64(0))
        bytes += names
        bytes.align()
        return try GGUFFile(bytes: bytes + data, path: "test.gguf")
    }
}

extension [UInt8] {
    /// Appends an integer's bytes, the least significant first.
    fileprivate mutating func append<T: FixedWidthInteger>(_ value: T) {
        for i in 0..<T.bitWidth / 8 { append(UInt8(truncatingIfNeeded: value >> T(8 * i))) }
    }

    /// Fills up to where a tensor may begin.
    fileprivate mutating func align() {
        self += [UInt8](repeating: 0, count: -count & 31)
    }
}
