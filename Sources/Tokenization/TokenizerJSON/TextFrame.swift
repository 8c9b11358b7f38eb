internal import Checkpoints

/// What a text begins and ends with: the part of `tokenizer.json`'s post-processor that makes
/// tokens.
struct TextFrame {
    var prefix: [UInt32] = []
    var suffix: [UInt32] = []

    init(_ json: JSONValue) throws(JSONFileProblem) {
        let part = "post-processor"
        let type = try json.type(of: part)
        switch type {
        case "Sequence":
            for step in try json.parts("processors", of: part) {
                let frame = try TextFrame(step)
                prefix = frame.prefix + prefix
                suffix += frame.suffix
            }
        // It moves offsets only.
        case "ByteLevel": break
        case "TemplateProcessing": try fill(template: json)
        case "BertProcessing", "RobertaProcessing":
            prefix = [try Self.named(json["cls"])]
            suffix = [try Self.named(json["sep"])]
        default: throw .unsupported(part, type)
        }
    }

    /// `["[CLS]", 101]`
    private static func named(_ json: JSONValue?) throws(JSONFileProblem) -> UInt32 {
        guard let pair = json?.array, pair.count == 2, let id = pair[1].integer,
            let token = UInt32(exactly: id)
        else { throw JSONFileProblem("its post-processor names no token and its number") }
        return token
    }

    private mutating func fill(template json: JSONValue) throws(JSONFileProblem) {
        var hasText = false
        for piece in try json.parts("single", of: "post-processor") {
            if piece["Sequence"] != nil {
                guard !hasText else { throw .unsupported("post-processor", "text twice") }
                hasText = true
                continue
            }
            guard let name = piece["SpecialToken"]?["id"]?.string,
                let ids = json["special_tokens"]?[name]?["ids"]?.array
            else { throw JSONFileProblem("its post-processor has a piece without a token") }
            for id in ids {
                guard let number = id.integer, let token = UInt32(exactly: number) else {
                    throw JSONFileProblem("its post-processor's token \(name) has no number")
                }
                if hasText { suffix.append(token) } else { prefix.append(token) }
            }
        }
        guard hasText else { throw JSONFileProblem("its post-processor leaves the text out") }
    }
}
