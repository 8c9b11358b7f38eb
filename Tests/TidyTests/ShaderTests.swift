import Testing

/// One name for four things: the shader, its launcher, its CPU reference, its test.
@Suite struct ShaderTests {
    static let shaders = Repository.files(in: "Shaders/", "comp")

    @Test(arguments: [
        ("rms_norm", "RMSNorm"), ("rope_kv_write", "RoPEKVWrite"),
        ("gated_activation", "GatedActivation"),
        ("matmul_cpu", "Matmul"), ("paged_attention_gpu", "PagedAttention"), ("embed", "Embed"),
        ("matvec_gpu", "Matmul"), ("matvec_dot", "Matmul"), ("matmul_reduce", "Matmul"),
        ("matmul_cpu_broadcast", "Matmul"),
    ])
    func stemsBecomeSwiftNames(stem: String, name: String) {
        #expect(ShaderNames.swiftName(ofStem: stem) == name)
    }

    @Test func thereAreShaders() { #expect(!Self.shaders.isEmpty) }

    @Test(arguments: shaders.map(\.stem))
    func aShaderHasItsLauncherReferenceAndTest(stem: String) {
        let name = ShaderNames.swiftName(ofStem: stem)
        for path in [
            "Sources/Kernels/\(name).swift", "Tests/KernelsTests/Reference/\(name).swift",
            "Tests/KernelsTests/\(name)Tests.swift",
        ] {
            #expect(Repository.contains(path), "Shaders/\(stem).comp has no \(path)")
        }
    }

    @Test func theManifestListsEveryShaderAndNoOther() {
        let manifest = Repository.text("Shaders/permutations").split(separator: "\n")
        let listed = manifest.filter { !$0.hasPrefix("#") && !$0.hasPrefix("+") }
        #expect(listed.map { String($0) }.sorted() == Self.shaders.map(\.stem).sorted())
    }

    @Test(arguments: shaders.map(\.path))
    func aShaderOpensByTellingWhatItComputes(path: String) {
        let comment = Repository.text(path).split(separator: "\n").prefix { $0.hasPrefix("//") }
        #expect(comment.count >= 3, "\(path): formula, shapes, work of one workgroup, and why")
        #expect(comment.contains { $0.contains("[") && $0.contains("]") }, "\(path): no shape")
    }

    @Test func everyIncludedFileIsIncludedSomewhere() {
        let included = Repository.files(in: "Shaders/", "comp", "glsl").map(\.text).joined()
        for file in Repository.files(in: "Shaders/include/", "glsl") {
            #expect(
                included.contains("\(file.stem).glsl\""),
                "nobody uses \(file.path)"
            )
        }
    }
}
