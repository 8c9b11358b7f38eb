import CShaderc
import Foundation

/// A shader that does not compile, with the compiler's own words.
struct CompileError: Error, CustomStringConvertible {
    let description: String
}

/// Turns GLSL into SPIR-V: by libshaderc, or by the `glslc` that `PUMICE_GLSLC` names where a newer
/// compiler is wanted than the distribution's.
struct GLSLCompiler {
    /// The path of a `glslc`, or nil for libshaderc.
    let program: String?
    let includeFolder: String

    /// The version of Vulkan whose SPIR-V is made.
    enum Target: String {
        case vulkan12 = "vulkan1.2"
        case vulkan13 = "vulkan1.3"
    }

    /// SPIR-V in little-endian words.
    /// - Parameter optimises: whether spirv-opt runs over the module.
    func compile(
        path: String,
        source: String,
        definitions: [String],
        target: Target = .vulkan12,
        optimises: Bool = true
    ) throws -> Data {
        if let program {
            return try compile(program, path, definitions, target, optimises: optimises)
        }
        return try compileInProcess(path, source, definitions, target, optimises: optimises)
    }

    /// Whether the compiler knows a GLSL extension.
    func supports(extension name: String, target: Target) -> Bool {
        let probe = "#version 460\n#extension \(name) : require\nvoid main() {}\n"
        guard program == nil else {
            let file = FileManager.default.temporaryDirectory
                .appendingPathComponent("pumice-probe-\(UUID().uuidString).comp")
            defer { try? FileManager.default.removeItem(at: file) }
            try? probe.write(to: file, atomically: true, encoding: .utf8)
            let path = file.path
            return (try? compile(path: path, source: probe, definitions: [], target: target)) != nil
        }
        let path = "probe.comp"
        return (try? compile(path: path, source: probe, definitions: [], target: target)) != nil
    }

    private func compile(
        _ program: String,
        _ path: String,
        _ definitions: [String],
        _ target: Target,
        optimises: Bool
    ) throws -> Data {
        let output = FileManager.default.temporaryDirectory
            .appendingPathComponent("pumice-\(UUID().uuidString).spv")
        defer { try? FileManager.default.removeItem(at: output) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments =
            ["--target-env=\(target.rawValue)", optimises ? "-O" : "-O0", "-fshader-stage=compute"]
            + ["-I", includeFolder] + definitions.map { "-D\($0)" } + [path, "-o", output.path]
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let text = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw CompileError(description: String(decoding: text, as: UTF8.self))
        }
        return try Data(contentsOf: output)
    }

    private func compileInProcess(
        _ path: String,
        _ source: String,
        _ definitions: [String],
        _ target: Target,
        optimises: Bool
    ) throws -> Data {
        let compiler = unsafe shaderc_compiler_initialize()
        let options = unsafe shaderc_compile_options_initialize()
        defer {
            unsafe shaderc_compile_options_release(options)
            unsafe shaderc_compiler_release(compiler)
        }
        for definition in definitions {
            let parts = definition.split(separator: "=", maxSplits: 1).map(String.init)
            let value = parts.count > 1 ? parts[1] : ""
            unsafe shaderc_compile_options_add_macro_definition(
                options,
                parts[0],
                parts[0].utf8.count,
                value,
                value.utf8.count
            )
        }
        unsafe shaderc_compile_options_set_target_env(
            options,
            shaderc_target_env_vulkan,
            target == .vulkan12
                ? UInt32(shaderc_env_version_vulkan_1_2.rawValue)
                : UInt32(shaderc_env_version_vulkan_1_3.rawValue)
        )
        unsafe shaderc_compile_options_set_optimization_level(
            options,
            optimises ? shaderc_optimization_level_performance : shaderc_optimization_level_zero
        )
        let folder = unsafe Unmanaged.passRetained(IncludeFolder(includeFolder))
        defer { unsafe folder.release() }
        unsafe shaderc_compile_options_set_include_callbacks(
            options,
            { unsafe resolveInclude($0, $1, $2, $3, $4) },
            { unsafe releaseInclude($0, $1) },
            folder.toOpaque()
        )
        let result = unsafe shaderc_compile_into_spv(
            compiler,
            source,
            source.utf8.count,
            shaderc_glsl_compute_shader,
            path,
            "main",
            options
        )
        defer { unsafe shaderc_result_release(result) }
        guard
            unsafe shaderc_result_get_compilation_status(result)
                == shaderc_compilation_status_success
        else {
            let message = unsafe shaderc_result_get_error_message(result)
            throw CompileError(
                description: unsafe message.map { unsafe String(cString: $0) } ?? "no message"
            )
        }
        guard let bytes = unsafe shaderc_result_get_bytes(result) else {
            throw CompileError(description: "\(path): no SPIR-V")
        }
        return unsafe Data(bytes: bytes, count: shaderc_result_get_length(result))
    }
}
