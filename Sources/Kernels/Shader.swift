import Foundation

/// A compiled shader variant, embedded in the binary. The generated part of this type names one
/// static member for each line of `Shaders/permutations`.
package struct Shader: Sendable {
    /// The variant's name, which is also its pipelines' debug label.
    package let name: String
    private let base64: StaticString

    init(name: String, base64: StaticString) {
        self.name = name
        self.base64 = base64
    }

    /// The SPIR-V module.
    package var words: [UInt32] {
        let bytes = Array(Data(base64Encoded: base64.description) ?? Data())
        precondition(
            !bytes.isEmpty && bytes.count % 4 == 0,
            "\(name): \(bytes.count) bytes of SPIR-V"
        )
        return stride(from: 0, to: bytes.count, by: 4).map { index in
            UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8
                | UInt32(bytes[index + 2]) << 16 | UInt32(bytes[index + 3]) << 24
        }
    }

    /// The variant of `stem` for weights of a format. The manifest has one for every format.
    package static func named(_ stem: String, _ format: WeightFormat) -> Shader {
        let name = "\(stem)_\(format.rawValue)"
        guard let shader = byName[name] else {
            preconditionFailure("Shaders/permutations has no \(name) for \(byName.count) variants")
        }
        return shader
    }

    /// The variant of `stem` for weights of a format; nil where this build's compiler left it out,
    /// or there is none for the format.
    package static func ifCompiled(_ stem: String, _ format: WeightFormat) -> Shader? {
        byName["\(stem)_\(format.rawValue)"]
    }

    /// The variant of `stem` for a format of the KV cache; nil where this build's compiler left it
    /// out.
    package static func ifCompiled(_ stem: String, _ format: KVFormat) -> Shader? {
        byName["\(stem)_\(format.rawValue)"]
    }

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}
