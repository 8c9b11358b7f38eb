extension Settings {
    /// Flags whose values nobody but the process may see.
    private static let secrets: Set<String> = ["api-key"]

    /// The settings as a file of settings, each with its source in a comment; secrets are masked.
    public var listing: String {
        settings.map { setting in
            let isSecret = Self.secrets.contains(setting.flag.name)
            let values = setting.values.map { isSecret ? "\"***\"" : Self.written($0) }
            let value =
                setting.flag.kind == .list
                ? "[\(values.joined(separator: ", "))]" : values.first ?? "null"
            return "\(setting.flag.name): \(value)  # \(setting.source)\n"
        }.joined()
    }

    /// A value as the file's reader takes it.
    private static func written(_ value: String) -> String {
        // The query of a signed address is a secret.
        let address = value.contains("://") ? value.firstIndex(of: "?") : nil
        let value = address.map { value[..<$0] + "?***" } ?? value[...]
        let isPlain =
            value.first?.isLetter == true || value.first?.isNumber == true || value.first == "/"
        if isPlain, !["null"].contains(value),
            value.allSatisfy({ $0.isLetter || $0.isNumber || "-_./".contains($0) })
        {
            return String(value)
        }
        var text = "\""
        for character in value {
            switch character {
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case "\"", "\\": text += "\\\(character)"
            default: text.append(character)
            }
        }
        return text + "\""
    }
}
