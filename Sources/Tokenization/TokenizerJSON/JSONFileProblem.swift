internal import Checkpoints

/// What is wrong with a file that describes a tokenizer, without the file's name.
struct JSONFileProblem: Error {
    let text: String

    init(_ text: String) { self.text = text }

    init(_ error: JSONError) { text = error.description }

    /// A part that is there and not built.
    static func unsupported(_ part: String, _ name: String) -> JSONFileProblem {
        JSONFileProblem("its \(part) '\(name.prefix(40))' is not supported")
    }
}

extension JSONValue {
    /// The member `type` of a part.
    func type(of part: String) throws(JSONFileProblem) -> String {
        guard let type = self["type"]?.string else {
            throw JSONFileProblem("its \(part) has no type")
        }
        return type
    }

    /// The parts of a `Sequence`, in `key`.
    func parts(_ key: String, of part: String) throws(JSONFileProblem) -> [JSONValue] {
        guard let parts = self[key]?.array, parts.count <= 256 else {
            throw JSONFileProblem("its \(part) has no list of '\(key)'")
        }
        return parts
    }

    func text(_ key: String, of part: String) throws(JSONFileProblem) -> String {
        guard let text = self[key]?.string else {
            throw JSONFileProblem("its \(part) has no text '\(key)'")
        }
        return text
    }

    /// `{"String": …}` or `{"Regex": …}`.
    func pattern(of part: String) throws(JSONFileProblem) -> ReplacementPattern {
        if let text = self["pattern"]?["String"]?.string {
            return .text(text.unicodeScalars.map(\.value))
        }
        guard let source = self["pattern"]?["Regex"]?.string else {
            throw JSONFileProblem("its \(part) has no pattern")
        }
        do {
            return .expression(try Expression(source))
        } catch {
            throw JSONFileProblem(
                "the expression '\(source.prefix(80))' of its \(part) cannot be used: "
                    + error.problem
            )
        }
    }
}
