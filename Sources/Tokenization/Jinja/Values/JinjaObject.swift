/// A dictionary that remembers the order in which its keys came, as Python's does.
///
/// Keys are usually strings; templates may also write numbers, booleans, `none` and tuples. Small
/// objects (a message has three or four keys) are searched from front to back, larger ones through
/// a hash index.
public struct JinjaObject: Sendable {
    package struct Entry: Sendable {
        package let key: JinjaValue
        package var value: JinjaValue
    }

    package private(set) var entries: [Entry] = []
    private var index: [JinjaValue: Int] = [:]
    package private(set) var depth: Int32 = 1
    package private(set) var weight: Int32 = 1

    private static let largestUnindexedCount = 8

    public init() {}

    public var count: Int { entries.count }
    public var isEmpty: Bool { entries.isEmpty }
    /// The keys in insertion order.
    public var keys: [JinjaValue] { entries.map(\.key) }
    /// The values in insertion order.
    public var values: [JinjaValue] { entries.map(\.value) }

    /// The value of a string key. Setting replaces in place, or appends; setting nil is ignored.
    public subscript(key: String) -> JinjaValue? {
        get { position(of: key).map { entries[$0].value } }
        set { if let newValue { set(.string(key), to: newValue) } }
    }

    package subscript(key: JinjaValue) -> JinjaValue? {
        if case .string(let text) = key { return self[text] }
        return position(of: key).map { entries[$0].value }
    }

    /// Replaces the value of `key` where it is, or appends it at the end.
    package mutating func set(_ key: JinjaValue, to value: JinjaValue) {
        depth = max(depth, Int32(clamping: 1 + max(key.depth, value.depth)))
        // Replaced values keep counting: the weight is an upper bound.
        weight = Int32(clamping: Int(weight) + key.weight + value.weight)
        if let position = position(of: key) {
            entries[position].value = value
            return
        }
        entries.append(Entry(key: key, value: value))
        if entries.count > Self.largestUnindexedCount {
            if index.isEmpty {
                for (position, entry) in entries.enumerated() { index[entry.key] = position }
            } else {
                index[key] = entries.count - 1
            }
        }
    }

    private func position(of key: String) -> Int? {
        if !index.isEmpty { return index[.string(key)] }
        return entries.firstIndex { entry in
            if case .string(let text) = entry.key { sameText(text, key) } else { false }
        }
    }

    private func position(of key: JinjaValue) -> Int? {
        if !index.isEmpty { return index[key] }
        return entries.firstIndex { $0.key == key }
    }
}

extension JinjaObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JinjaValue)...) {
        for (key, value) in elements { self[key] = value }
    }
}
