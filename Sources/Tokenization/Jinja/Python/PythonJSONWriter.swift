struct PythonJSONStyle {
    /// One level of indentation; nil writes everything on one line.
    var indentation: String?
    var itemSeparator = ", "
    var keySeparator = ": "
    var escapesNonASCII = false
    var sortsKeys = false
}

/// Values as Python's `json.dumps` writes them.
struct PythonJSONWriter {
    let style: PythonJSONStyle
    let largestSize: Int
    private var bytes: [UInt8] = []
    private var level = 0

    var text: String { String(decoding: bytes, as: UTF8.self) }

    init(style: PythonJSONStyle, largestSize: Int) {
        self.style = style
        self.largestSize = largestSize
    }

    mutating func write(_ value: JinjaValue) throws(JinjaFault) {
        switch value {
        case .none: append("null")
        case .bool(let flag): append(flag ? "true" : "false")
        case .integer(let number): append(String(number))
        case .float(let number): append(Self.float(number))
        case .string(let string): write(string)
        case .list(let list), .tuple(let list): try write(list)
        case .object(let object): try write(object)
        case .reference(let reference):
            switch reference.kind {
            case .bigInteger(let digits): append(digits)
            case .group(let pair): try write(pair)
            default: throw refused(value)
            }
        case .undefined: throw refused(value)
        }
        guard bytes.count <= largestSize else {
            throw JinjaFault(.limit, "the JSON is longer than \(largestSize) bytes")
        }
    }

    private func refused(_ value: JinjaValue) -> JinjaFault {
        JinjaFault(
            value.isUndefined ? .undefined : .value,
            "a \(value.typeName) cannot be written as JSON"
        )
    }

    private static func float(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
        return PythonFloat.representation(of: number)
    }

    private mutating func write(_ list: JinjaList) throws(JinjaFault) {
        if list.isEmpty {
            append("[]")
            return
        }
        append("[")
        level += 1
        for (index, element) in list.elements.enumerated() {
            separate(isFirst: index == 0)
            try write(element)
        }
        level -= 1
        breakLine()
        append("]")
    }

    private mutating func write(_ object: JinjaObject) throws(JinjaFault) {
        if object.isEmpty {
            append("{}")
            return
        }
        var entries: [(key: String, value: JinjaValue)] = []
        for entry in try style.sortsKeys ? sorted(object.entries) : object.entries {
            entries.append((try key(entry.key), entry.value))
        }
        append("{")
        level += 1
        for (index, entry) in entries.enumerated() {
            separate(isFirst: index == 0)
            write(entry.key)
            append(style.keySeparator)
            try write(entry.value)
        }
        level -= 1
        breakLine()
        append("}")
    }

    /// Python sorts the keys before it turns them into strings, so mixed kinds are refused.
    private func sorted(
        _ entries: [JinjaObject.Entry]
    ) throws(JinjaFault) -> [JinjaObject.Entry] {
        let numbers = entries.compactMap { JinjaNumber($0.key) }
        if numbers.count == entries.count {
            return entries.indices.sorted { a, b in
                numbers[a].isLess(than: numbers[b])
            }.map { entries[$0] }
        }
        let names = entries.compactMap(\.key.stringValue)
        guard names.count == entries.count || entries.count == 1 else {
            throw JinjaFault(.value, "keys of different kinds cannot be sorted")
        }
        return entries.indices.sorted { textPrecedes(names[$0], names[$1]) }.map { entries[$0] }
    }

    private func key(_ key: JinjaValue) throws(JinjaFault) -> String {
        switch key {
        case .string(let text): return text
        case .integer(let number): return String(number)
        case .float(let number): return Self.float(number)
        case .bool(let flag): return flag ? "true" : "false"
        case .none: return "null"
        default: throw JinjaFault(.value, "a \(key.typeName) cannot be a key in JSON")
        }
    }

    private mutating func separate(isFirst: Bool) {
        if !isFirst { append(style.itemSeparator) }
        breakLine()
    }

    private mutating func breakLine() {
        guard let indentation = style.indentation else { return }
        append("\n")
        for _ in 0..<level { append(indentation) }
    }

    private mutating func append(_ text: String) {
        bytes += text.utf8
    }

    private mutating func write(_ string: String) {
        bytes.append(UInt8(ascii: "\""))
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": append("\\\"")
            case "\\": append("\\\\")
            case "\n": append("\\n")
            case "\r": append("\\r")
            case "\t": append("\\t")
            case "\u{08}": append("\\b")
            case "\u{0C}": append("\\f")
            default:
                if scalar.value < 0x20 || (style.escapesNonASCII && scalar.value > 0x7E) {
                    escape(scalar)
                } else if scalar.isASCII {
                    bytes.append(UInt8(truncatingIfNeeded: scalar.value))
                } else {
                    bytes += String(scalar).utf8
                }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ scalar: Unicode.Scalar) {
        for unit in String(scalar).utf16 {
            append("\\u" + PythonText.hex(UInt32(unit), digits: 4))
        }
    }
}
