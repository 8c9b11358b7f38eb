/// A block's index in the KV cache: block `i` owns the slots from `i * blockSize` on.
///
/// It has the layout of a `UInt32`, as the device reads it.
public struct BlockID: Hashable, Sendable, CustomStringConvertible {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    init(index: Int) {
        rawValue = UInt32(index)
    }

    /// The same number, ready to index an array.
    public var index: Int { Int(rawValue) }

    public var description: String { "block \(rawValue)" }
}

/// A block to be copied whole, all layers, keys and values, before a step runs.
public struct BlockCopy: Hashable, Sendable {
    public let source: BlockID
    public let destination: BlockID

    public init(source: BlockID, destination: BlockID) {
        self.source = source
        self.destination = destination
    }
}
