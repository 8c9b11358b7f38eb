import Foundation

/// A compiled variant on its way into Swift source.
struct EmbeddedVariant {
    let name: String
    /// Whether another compiler may leave it out: it is then an `Optional` for its users.
    let isOptional: Bool
    let spirv: Data?
}

/// A Swift file that declares each variant as a static member of `Shader`.
///
/// SPIR-V travels as base64 in string literals, which the Swift compiler takes in at once where
/// array literals of the same words take minutes.
func embeddedSource(_ variants: [EmbeddedVariant]) -> String {
    var lines = ["// Made by ShaderCompiler from Shaders/permutations.", "", "extension Shader {"]
    for variant in variants {
        let type = variant.isOptional ? "Shader?" : "Shader"
        if let spirv = variant.spirv {
            lines.append("    package static let \(variant.name): \(type) = Shader(")
            lines.append("        name: \"\(variant.name)\",")
            lines.append("        base64: \"\(spirv.base64EncodedString())\")")
        } else {
            lines.append("    package static let \(variant.name): \(type) = nil")
        }
    }
    lines.append("")
    lines.append("    /// Every variant that was compiled, by its line in the manifest.")
    lines.append("    package static let all: [Shader] = [")
    for variant in variants where variant.spirv != nil {
        lines.append("        \(variant.name)\(variant.isOptional ? "!" : ""),")
    }
    lines.append("    ]")
    lines.append("}")
    lines.append("")
    return lines.joined(separator: "\n")
}
