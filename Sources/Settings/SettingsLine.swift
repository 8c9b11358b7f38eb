/// Reads a line of a settings file from its left to its right.
struct SettingsLine {
    private var rest: Substring

    init(_ line: Substring) {
        rest = line
    }

    /// Whether nothing but a comment is left.
    var isAtEnd: Bool { rest.isEmpty || rest.first == "#" }

    /// - Returns: whether there were any.
    mutating func skipSpaces() -> Bool {
        let before = rest.count
        rest = rest.drop { $0 == " " }
        return rest.count < before
    }

    /// Takes the dash of a list's item.
    mutating func takeDash() throws(SettingsError) -> Bool {
        guard rest.first == "-" else { return false }
        rest.removeFirst()
        guard rest.isEmpty || rest.first == " " else {
            throw SettingsError("a space belongs after `-`.")
        }
        _ = skipSpaces()
        return true
    }

    /// Takes a name and its colon.
    mutating func key() throws(SettingsError) -> String {
        let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
        rest = rest.dropFirst(name.count)
        guard !name.isEmpty, rest.first == ":" else {
            throw SettingsError("this is no `name: value`.")
        }
        rest.removeFirst()
        guard rest.isEmpty || rest.first == " " else {
            throw SettingsError("a space belongs after `\(name):`.")
        }
        _ = skipSpaces()
        return String(name)
    }

    /// Takes a list in brackets, if one is next.
    mutating func list() throws(SettingsError) -> [String]? {
        guard rest.first == "[" else { return nil }
        rest.removeFirst()
        _ = skipSpaces()
        var items: [String] = []
        while rest.first != "]" {
            guard let item = try scalar(isItem: true) else {
                throw SettingsError("a list ends with `]`, on the same line.")
            }
            items.append(item)
            if rest.first == "," {
                rest.removeFirst()
                _ = skipSpaces()
            } else if rest.first != "]" {
                throw SettingsError("the values of a list are separated by commas.")
            }
        }
        rest.removeFirst()
        _ = skipSpaces()
        return items
    }

    /// Takes a value; nil for none, which YAML also writes `null` or `~`.
    /// - Parameter isItem: whether it ends at a comma or a bracket.
    mutating func scalar(isItem: Bool = false) throws(SettingsError) -> String? {
        guard let first = rest.first, first != "#" else { return nil }
        if first == "\"" || first == "'" { return try quoted(first) }
        guard !"&*!|>{}[]%@`,?\t".contains(first) else {
            throw SettingsError("a value that begins with `\(first)` must be quoted.")
        }
        var text = ""
        while let character = rest.first {
            if isItem && (character == "," || character == "]") { break }
            if character == "#" && text.last == " " { break }
            guard character != "\t", !(character == ":" && rest.dropFirst().first == " ") else {
                throw SettingsError("a value with a tab or with `: ` in it must be quoted.")
            }
            text.append(character)
            rest.removeFirst()
        }
        while text.last == " " { text.removeLast() }
        return ["", "~", "null"].contains(text) ? nil : text
    }

    private mutating func quoted(_ quote: Character) throws(SettingsError) -> String {
        rest.removeFirst()
        var text = ""
        while let character = rest.popFirst() {
            if character == quote {
                // A quote between single quotes is written twice.
                if quote == "'" && rest.first == "'" {
                    text.append("'")
                    rest.removeFirst()
                    continue
                }
                _ = skipSpaces()
                return text
            }
            guard character == "\\" && quote == "\"" else {
                text.append(character)
                continue
            }
            switch rest.popFirst() {
            case "n": text.append("\n")
            case "t": text.append("\t")
            case "\"": text.append("\"")
            case "\\": text.append("\\")
            case let other:
                throw SettingsError("`\\\(other.map(String.init) ?? "")` means nothing here.")
            }
        }
        throw SettingsError("the quote is not closed.")
    }
}
