// swift-tools-version: 6.2
import Foundation
import PackageDescription

/// Debian 12's `libshaderc.so` lacks symbols and cannot be linked, so there the compiler comes from
/// the static archives; newer distributions link the shared library plainly.
let shadercLibraries: [String] = {
    let release = (try? String(contentsOfFile: "/etc/os-release", encoding: .utf8)) ?? ""
    guard release.contains("VERSION_CODENAME=bookworm") else { return ["shaderc"] }
    return [
        "shaderc_combined", "glslang", "MachineIndependent", "GenericCodeGen", "OSDependent",
        "OGLCompiler", "HLSL", "SPIRV", "SPIRV-Tools-opt", "SPIRV-Tools", "stdc++", "m",
    ]
}()

let collections: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let tls: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let lifecycle: Target.Dependency = .product(
    name: "ServiceLifecycle",
    package: "swift-service-lifecycle"
)

let package = Package(
    name: "pumice",
    products: [.executable(name: "pumice", targets: ["pumice"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", exact: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        // Shader build: GLSL to SPIR-V embedded in generated Swift.
        .systemLibrary(name: "CShaderc", path: "Sources/CShaderc"),
        .executableTarget(
            name: "ShaderCompiler",
            dependencies: ["CShaderc"],
            linkerSettings: shadercLibraries.map { .linkedLibrary($0) }
        ),
        .plugin(
            name: "CompileShaders",
            capability: .buildTool(),
            dependencies: ["ShaderCompiler"],
            path: "Sources/CompileShaders"
        ),
        .target(name: "ShaderParams", path: "Shaders/include", publicHeadersPath: "."),

        // The device.
        .target(name: "CVulkan", linkerSettings: [.linkedLibrary("dl")]),
        .target(name: "Vulkan", dependencies: ["CVulkan"]),
        .target(name: "Diagnosis", dependencies: ["Vulkan"]),
        .target(
            name: "Kernels",
            dependencies: ["Vulkan", "ShaderParams"],
            plugins: ["CompileShaders"]
        ),

        // The model.
        .target(name: "Checkpoints"),
        .target(name: "Tokenization", dependencies: ["Checkpoints"]),
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("dl")]),
        .target(name: "ModelStore", dependencies: ["CCurl"]),
        .target(name: "Grammars"),
        .target(
            name: "Models",
            dependencies: ["Kernels", "Vulkan", "Checkpoints", "ShaderParams"]
        ),

        // The engine.
        .target(name: "Scheduling", dependencies: [collections]),
        .target(
            name: "Inference",
            dependencies: [
                "Scheduling", "Models", "Kernels", "Vulkan", "Checkpoints", "ShaderParams", logging,
            ]
        ),

        .target(
            name: "Benchmarking",
            dependencies: [
                "Scheduling", "Kernels", "Vulkan", "ShaderParams", "Checkpoints",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]
        ),

        .target(name: "Settings"),

        // The front door.
        .target(
            name: "OpenAIServer",
            dependencies: [
                "Grammars", "Inference", "Scheduling", "Tokenization", hummingbird, lifecycle,
                logging, tls,
            ]
        ),
        .executableTarget(
            name: "pumice",
            dependencies: [
                "OpenAIServer", "Grammars", "Inference", "Scheduling", "Tokenization", "Models",
                "ModelStore", "Checkpoints", "Kernels", "Vulkan", "ShaderParams", "Benchmarking",
                "Diagnosis", "Settings", lifecycle, logging,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),

        .testTarget(name: "VulkanTests", dependencies: ["Vulkan", "Kernels"]),
        .testTarget(name: "DiagnosisTests", dependencies: ["Diagnosis", "Vulkan"]),
        .testTarget(
            name: "KernelsTests",
            dependencies: ["Kernels", "Vulkan", "ShaderParams", "Models", "Checkpoints"]
        ),
        .testTarget(
            name: "CheckpointsTests",
            dependencies: ["Checkpoints"],
            exclude: ["Goldens"]
        ),
        .testTarget(
            name: "TokenizationTests",
            dependencies: ["Tokenization", "Checkpoints"],
            exclude: [
                "Goldens", "Jinja/Goldens", "ChatTemplate/Goldens", "TokenizerJSON/Goldens",
            ]
        ),
        .testTarget(name: "ModelStoreTests", dependencies: ["ModelStore"]),
        .testTarget(
            name: "GrammarsTests",
            dependencies: ["Grammars", "Tokenization", "Checkpoints"],
            exclude: ["validate.py"]
        ),
        .testTarget(
            name: "ModelsTests",
            dependencies: ["Models", "Kernels", "Vulkan", "Checkpoints", "ShaderParams"],
            exclude: ["Adapters", "Checkpoints", "Goldens"]
        ),
        .testTarget(name: "SchedulingTests", dependencies: ["Scheduling"]),
        .testTarget(
            name: "InferenceTests",
            dependencies: [
                "Inference", "Kernels", "Models", "Scheduling", "Tokenization", "Checkpoints",
                "ShaderParams", "Vulkan", logging,
            ]
        ),
        .testTarget(
            name: "OpenAIServerTests",
            dependencies: [
                "Checkpoints", "OpenAIServer", "Inference", "Scheduling", "Tokenization",
                hummingbird, tls,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            exclude: ["Goldens"]
        ),
        .testTarget(
            name: "BenchmarkingTests",
            dependencies: [
                "Benchmarking", "Scheduling", "Kernels", "Vulkan", "Checkpoints", "Models",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .testTarget(name: "SettingsTests", dependencies: ["Settings"]),
        .testTarget(name: "TidyTests"),
    ]
)

/// Warnings stop our own builds (`make test` sets this), not those of a stranger whose compiler is
/// newer than ours.
let strict = Context.environment["PUMICE_STRICT"] == "1"

/// Tests that compute little themselves: to optimise them takes longer than to run them.
let unoptimised = [
    "BenchmarkingTests", "DiagnosisTests", "InferenceTests", "ModelStoreTests",
    "OpenAIServerTests", "SettingsTests", "TokenizationTests", "VulkanTests",
]

for target in package.targets where [.regular, .executable, .test].contains(target.type) {
    if ["CVulkan", "CCurl", "ShaderParams"].contains(target.name) { continue }
    var settings: [SwiftSetting] = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ]
    // `Vulkan` is the one target whose purpose is unsafe code; everywhere else it must say so.
    if target.name != "Vulkan" && target.type != .test { settings.append(.strictMemorySafety()) }
    if strict { settings.append(.treatAllWarnings(as: .error)) }
    if unoptimised.contains(target.name) { settings.append(.unsafeFlags(["-Onone"])) }
    target.swiftSettings = (target.swiftSettings ?? []) + settings
}
