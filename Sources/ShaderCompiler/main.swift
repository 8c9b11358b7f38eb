import Foundation

// Compiles every variant of `Shaders/permutations` and embeds the SPIR-V in one Swift file.
//
// Usage: ShaderCompiler <shader folder> <output file> [<glslc>]

let arguments = CommandLine.arguments
guard arguments.count >= 3 else {
    FileHandle.standardError.write(
        Data("usage: ShaderCompiler <shader folder> <output file> [<glslc>]\n".utf8)
    )
    exit(2)
}
let folder = arguments[1]
let compiler = GLSLCompiler(
    program: arguments.count > 3 && !arguments[3].isEmpty ? arguments[3] : nil,
    includeFolder: folder + "/include"
)

do {
    var embedded: [EmbeddedVariant] = []
    let formats = try weightFormats(in: folder + "/include/formats")
    let variants = try readManifest(folder + "/permutations")
    for variant in variants.flatMap({ $0.expanded(over: formats) }) {
        if let needed = variant.neededExtension, !compiler.supports(extension: needed) {
            // SwiftPM shows a plugin tool's warnings in the build log.
            print("warning: \(variant.name) is left out: this compiler does not know \(needed)")
            embedded.append(EmbeddedVariant(name: variant.name, isOptional: true, spirv: nil))
            continue
        }
        let path = "\(folder)/\(variant.shader).comp"
        let source = try String(contentsOfFile: path, encoding: .utf8)
        let spirv = try compiler.compile(
            path: path,
            source: source,
            definitions: variant.definitions
        )
        embedded.append(
            EmbeddedVariant(
                name: variant.name,
                isOptional: variant.neededExtension != nil,
                spirv: spirv
            )
        )
    }
    try embeddedSource(embedded).write(toFile: arguments[2], atomically: true, encoding: .utf8)
} catch {
    FileHandle.standardError.write(Data("error: \(error)\n".utf8))
    exit(1)
}
