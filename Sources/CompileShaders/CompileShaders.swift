import Foundation
import PackagePlugin

/// Compiles `Shaders/*.comp` into Swift source that embeds their SPIR-V.
///
/// `PUMICE_GLSLC` names a newer `glslc` than the distribution's libshaderc.
@main
struct CompileShaders: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let shaders = context.package.directoryURL.appending(path: "Shaders")
        let output = context.pluginWorkDirectoryURL.appending(path: "Shaders.generated.swift")
        let glslc = ProcessInfo.processInfo.environment["PUMICE_GLSLC"] ?? ""
        return [
            .buildCommand(
                displayName: "Compiling shaders",
                executable: try context.tool(named: "ShaderCompiler").url,
                arguments: [shaders.path(), output.path(), glslc],
                inputFiles: try sources(in: shaders),
                outputFiles: [output]
            )
        ]
    }

    /// Everything the generated file depends on.
    private func sources(in folder: URL) throws -> [URL] {
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        let wanted: Set = ["comp", "glsl", "h"]
        return (files?.compactMap { $0 as? URL } ?? []).filter {
            wanted.contains($0.pathExtension) || $0.lastPathComponent == "permutations"
        }.sorted { $0.path() < $1.path() }
    }
}
