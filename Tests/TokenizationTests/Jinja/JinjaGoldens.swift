import Foundation
import Tokenization

/// Reads the files that the Python scripts in the `Goldens` folders wrote.
enum JinjaGoldens {
    static func read(_ name: String, besides file: String = #filePath) throws -> JinjaValue {
        let url = URL(fileURLWithPath: file).deletingLastPathComponent()
            .appendingPathComponent("Goldens").appendingPathComponent(name)
        return try JinjaValue(json: try Data(contentsOf: url))
    }
}

extension JinjaValue {
    /// The members of an object, as variables of a template.
    var members: [String: JinjaValue] {
        var members: [String: JinjaValue] = [:]
        guard let object = objectValue else { return members }
        for (key, value) in zip(object.keys, object.values) {
            if let name = key.stringValue { members[name] = value }
        }
        return members
    }
}
