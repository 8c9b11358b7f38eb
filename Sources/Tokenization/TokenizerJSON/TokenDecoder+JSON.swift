internal import Checkpoints

extension TokenDecoder {
    /// The decoder of a file, which is a step or a sequence of steps.
    init(_ json: JSONValue) throws(JSONFileProblem) {
        self.init()
        try add(json)
    }

    private mutating func add(_ json: JSONValue) throws(JSONFileProblem) {
        let part = "decoder"
        let type = try json.type(of: part)
        switch type {
        case "Sequence": for step in try json.parts("decoders", of: part) { try add(step) }
        case "ByteLevel": isByteLevel = true
        case "ByteFallback": hasBytes = true
        // Tokens are put together in any case.
        case "Fuse": break
        case "Replace":
            guard case .text(let wanted) = try json.pattern(of: part), !wanted.isEmpty else {
                throw .unsupported(part, "Replace with an expression")
            }
            let replacement = try json.text("content", of: part)
            replacements.append((wanted.utf8, Array(replacement.utf8)))
        case "Strip":
            let (start, stop) = (json["start"]?.integer ?? 0, json["stop"]?.integer ?? 0)
            guard json["content"]?.string == " ", start <= 1, stop == 0 else {
                throw .unsupported(part, "Strip of other than one space at the start")
            }
            if start == 1 { textStart = .withoutSpace }
        case "Metaspace":
            let mark = json["replacement"]?.string ?? "▁"
            replacements.append((Array(mark.utf8), [0x20]))
            let isAdded = json["add_prefix_space"]?.bool ?? true
            let scheme = json["prepend_scheme"]?.string ?? (isAdded ? "always" : "never")
            if scheme != "never" { textStart = .withoutSpaces }
        default: throw .unsupported(part, type)
        }
    }
}
