internal import Checkpoints

extension Normalizer {
    init(_ json: JSONValue) throws(JSONFileProblem) {
        let part = "normalizer"
        let type = try json.type(of: part)
        switch type {
        case "Sequence":
            var steps: [Normalizer] = []
            for step in try json.parts("normalizers", of: part) {
                steps.append(try Normalizer(step))
            }
            self = .sequence(steps)
        case "NFC", "NFD", "NFKC", "NFKD": self = .form(NormalizationForm(rawValue: type) ?? .nfc)
        case "Lowercase": self = .lowercase
        case "Strip":
            self = .strip(
                left: json["strip_left"]?.bool ?? true,
                right: json["strip_right"]?.bool ?? true
            )
        case "StripAccents": self = .stripAccents
        case "Prepend":
            self = .prepend(try json.text("prepend", of: part).unicodeScalars.map(\.value))
        case "Replace":
            self = .replace(
                try json.pattern(of: part),
                with: try json.text("content", of: part).unicodeScalars.map(\.value)
            )
        case "ByteLevel": self = .byteLevel
        case "Nmt": self = .nmt
        case "BertNormalizer": self = .bert(BertNormalizer(json))
        case "Precompiled":
            let text = try json.text("precompiled_charsmap", of: part)
            guard let map = PrecompiledMap(base64: text) else {
                throw JSONFileProblem("its normalizer's precompiled_charsmap is no such map")
            }
            self = .precompiled(map)
        default: throw .unsupported(part, type)
        }
    }
}
