import Foundation

/// One line of `Shaders/permutations`: a variant of a shader to compile.
struct Variant {
    let name: String
    let shader: String
    let definitions: [String]
    /// A GLSL extension without which the variant is left out.
    let neededExtension: String?
}

/// A manifest that cannot be read, with the line to look at.
struct ManifestError: Error, CustomStringConvertible {
    let description: String
}

extension Variant {
    /// The variants that stars stand for: one for each of `formats`, the names of the files of
    /// `include/formats`. A variant without stars is itself.
    func expanded(over formats: [String]) -> [Variant] {
        guard name.contains("*") else { return [self] }
        return formats.map { format in
            Variant(
                name: name.replacingOccurrences(of: "*", with: format),
                shader: shader,
                definitions: definitions.map {
                    $0.replacingOccurrences(of: "*", with: format.uppercased())
                },
                neededExtension: neededExtension
            )
        }
    }
}

/// The names of the weight formats: of the files in `folder`, without their endings.
func weightFormats(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder)
        .filter { $0.hasSuffix(".glsl") }
        .map { String($0.dropLast(5)) }
        .sorted()
}

/// Reads `Shaders/permutations`.
func readManifest(_ path: String) throws -> [Variant] {
    var variants: [Variant] = []
    var shader: String?
    let text = try String(contentsOfFile: path, encoding: .utf8)
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
        let line = line.trimmingCharacters(in: .whitespaces)
        if line.isEmpty || line.hasPrefix("#") { continue }
        guard line.hasPrefix("+") else {
            shader = line
            continue
        }
        guard let shader else {
            throw ManifestError(
                description: "\(path):\(index + 1): a variant before the first shader"
            )
        }
        let parts = line.dropFirst().split(separator: ":", maxSplits: 1)
        var words = parts.count > 1 ? parts[1].split(separator: " ").map(String.init) : []
        var needed: String?
        if let at = words.firstIndex(of: "needs") {
            guard at + 2 == words.count else {
                throw ManifestError(
                    description: "\(path):\(index + 1): `needs` wants one extension, at the end"
                )
            }
            needed = words[at + 1]
            words.removeSubrange(at...)
        }
        variants.append(
            Variant(
                name: parts[0].trimmingCharacters(in: .whitespaces),
                shader: shader,
                definitions: words,
                neededExtension: needed
            )
        )
    }
    return variants
}
