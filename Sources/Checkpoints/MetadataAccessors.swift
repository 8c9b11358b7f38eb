/// Typed access. The plain form throws `.missing` when the key is not there; the `optional…` form
/// returns nil then, and only then. A value of another type throws `.wrongType` in both.
extension Metadata {
    /// The string of `key`.
    public func string(_ key: String) throws(MetadataError) -> String {
        try required(key, try optionalString(key))
    }

    /// The string of `key`, or nil when the key is not there.
    public func optionalString(_ key: String) throws(MetadataError) -> String? {
        try value(of: key, "a string") { if case .string(let text) = $0 { text } else { nil } }
    }

    /// The integer of `key`, of any width. Throws `.outOfRange` when no `Int` holds it.
    public func integer(_ key: String) throws(MetadataError) -> Int {
        try required(key, try optionalInteger(key))
    }

    /// The integer of `key`, of any width, or nil when the key is not there.
    public func optionalInteger(_ key: String) throws(MetadataError) -> Int? {
        guard let wide = try value(of: key, "an integer", \.wideInteger) else { return nil }
        guard let integer = Int(exactly: wide) else {
            throw .outOfRange(path: path, key: key, value: "\(wide)")
        }
        return integer
    }

    /// The number of `key`: floating point or integer.
    public func float(_ key: String) throws(MetadataError) -> Double {
        try required(key, try optionalFloat(key))
    }

    /// The number of `key`, or nil when the key is not there.
    public func optionalFloat(_ key: String) throws(MetadataError) -> Double? {
        try value(of: key, "a number", \.number)
    }

    /// The truth value of `key`.
    public func bool(_ key: String) throws(MetadataError) -> Bool {
        try required(key, try optionalBool(key))
    }

    /// The truth value of `key`, or nil when the key is not there.
    public func optionalBool(_ key: String) throws(MetadataError) -> Bool? {
        try value(of: key, "a bool") { if case .bool(let flag) = $0 { flag } else { nil } }
    }

    /// The array of strings of `key`.
    public func strings(_ key: String) throws(MetadataError) -> [String] {
        try required(key, try optionalStrings(key))
    }

    /// The array of strings of `key`, or nil when the key is not there.
    public func optionalStrings(_ key: String) throws(MetadataError) -> [String]? {
        try array(of: key, "an array of strings") {
            if case .string(let texts) = $0 { texts } else { nil }
        }
    }

    /// The array of integers of `key`, of any width. Throws `.outOfRange` when no `Int` holds one.
    public func integers(_ key: String) throws(MetadataError) -> [Int] {
        try required(key, try optionalIntegers(key))
    }

    /// The array of integers of `key`, of any width, or nil when the key is not there.
    public func optionalIntegers(_ key: String) throws(MetadataError) -> [Int]? {
        guard let found = try array(of: key, "an array of integers", \.integers) else { return nil }
        let integers = found.compactMap(\.self)
        guard integers.count == found.count else {
            throw .outOfRange(path: path, key: key, value: "an array with an integer over 2^63 - 1")
        }
        return integers
    }

    /// The array of numbers of `key`: floating point or integers.
    public func floats(_ key: String) throws(MetadataError) -> [Double] {
        try required(key, try optionalFloats(key))
    }

    /// The array of numbers of `key`, or nil when the key is not there.
    public func optionalFloats(_ key: String) throws(MetadataError) -> [Double]? {
        try array(of: key, "an array of numbers", \.numbers)
    }

    /// The array of truth values of `key`.
    public func bools(_ key: String) throws(MetadataError) -> [Bool] {
        try required(key, try optionalBools(key))
    }

    /// The array of truth values of `key`, or nil when the key is not there.
    public func optionalBools(_ key: String) throws(MetadataError) -> [Bool]? {
        try array(of: key, "an array of bools") {
            if case .bool(let flags) = $0 { flags } else { nil }
        }
    }

    private func required<T>(_ key: String, _ value: T?) throws(MetadataError) -> T {
        guard let value else { throw .missing(path: path, key: key) }
        return value
    }

    private func value<T>(
        of key: String,
        _ expected: String,
        _ convert: (MetadataValue) -> T?
    ) throws(MetadataError) -> T? {
        guard let found = self[key] else { return nil }
        guard let value = convert(found) else {
            throw .wrongType(path: path, key: key, expected: expected, found: found.typeName)
        }
        return value
    }

    private func array<T>(
        of key: String,
        _ expected: String,
        _ convert: (MetadataArray) -> T?
    ) throws(MetadataError) -> T? {
        try value(of: key, expected) {
            if case .array(let array) = $0 { convert(array) } else { nil }
        }
    }
}
