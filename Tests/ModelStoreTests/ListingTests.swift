import ModelStore
import Testing

/// What a hub says of a repository, and which of its files are taken.
struct ListingTests {
    private func refuse(_ json: String, _ words: String...) {
        let error = #expect(throws: ModelStoreError.self) {
            try RepositoryListing(json: Array(json.utf8), address: "https://hub.example/api")
        }
        let text = error?.description ?? ""
        for word in words + ["hub.example"] {
            #expect(text.contains(word), "no “\(word)” in: \(text)")
        }
    }

    private func listing(_ names: String...) throws -> RepositoryListing {
        let siblings = names.map { "{\"rfilename\":\"\($0)\",\"size\":1}" }
        let json = "{\"sha\":\"abcdef0\",\"siblings\":[\(siblings.joined(separator: ","))]}"
        return try RepositoryListing(json: Array(json.utf8), address: "hub")
    }

    private func chosen(_ listing: RepositoryListing, _ wanted: String? = nil) throws -> [String] {
        let selection = try FileSelection(of: listing, wanted: wanted, repository: "own/name")
        return selection.files.map(\.path.description)
    }

    @Test func namesThatLeadOutOfTheFolderAreRefused() {
        for name in [
            "../x", "a/../x", "/etc/passwd", "a//b", "", ".", "..", "a\\\\b", "a\\u0000b",
            "a\\nb", "a/", String(repeating: "a", count: 300),
        ] {
            refuse(
                "{\"sha\":\"abcdef0\",\"siblings\":[{\"rfilename\":\"\(name)\"}]}",
                "outside of the model's folder"
            )
        }
    }

    @Test func answersOfAnotherShapeAreRefused() {
        for json in [
            "", "{}", "[]", "<html>", "{\"sha\":\"abcdef0\"}", "{\"sha\":1,\"siblings\":[]}",
        ] {
            refuse(json, "does not describe a repository")
        }
        refuse("{\"sha\":\"../../x\",\"siblings\":[]}", "commit")
        refuse("{\"sha\":\"\",\"siblings\":[]}", "commit")
        refuse(String(repeating: "[", count: 100_000), "does not describe")
        let file = "{\"rfilename\":\"a\""
        refuse("{\"sha\":\"abcdef0\",\"siblings\":[\(file),\"size\":-1}]}", "-1 bytes")
        refuse(
            "{\"sha\":\"abcdef0\",\"siblings\":[\(file),\"lfs\":{\"sha256\":\"12\"}}]}",
            "SHA-256"
        )
        let many = Array(repeating: file + "}", count: 10_001).joined(separator: ",")
        refuse("{\"sha\":\"abcdef0\",\"siblings\":[\(many)]}", "10001 files")
    }

    @Test func theObviousModelIsTaken() throws {
        let folder = try listing(
            "config.json",
            "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors",
            "model.safetensors.index.json",
            "tokenizer.json",
            "chat_template.jinja",
            "x.gguf",
            "onnx/model.safetensors",
            "consolidated.safetensors",
            "picture.png"
        )
        #expect(
            try Set(chosen(folder)) == [
                "config.json", "model-00001-of-00002.safetensors",
                "model-00002-of-00002.safetensors", "model.safetensors.index.json",
                "tokenizer.json", "chat_template.jinja",
            ]
        )
        #expect(try chosen(folder, "x.gguf") == ["x.gguf"])
        #expect(try chosen(listing("only-Q2_K.gguf", "README.md")) == ["only-Q2_K.gguf"])
        #expect(try chosen(listing("a-Q8_0.gguf", "a-Q4_K_M.gguf")) == ["a-Q4_K_M.gguf"])
        #expect(throws: ModelStoreError.self) { try chosen(listing("a-Q8_0.gguf", "a-F16.gguf")) }
        #expect(throws: ModelStoreError.self) { try chosen(listing("README.md")) }
    }

    @Test func aQuantisationIsTheEndOfAName() throws {
        let files = try listing(
            "m.Q4_0.gguf",
            "m-Q4_K_M.gguf",
            "m-IQ4_K_M.gguf",
            "mmproj-Q4_K_M.gguf",
            "big/m-Q8_0-00001-of-00002.gguf",
            "big/m-Q8_0-00002-of-00002.gguf"
        )
        #expect(try chosen(files, "q4_k_m") == ["m-Q4_K_M.gguf"])
        #expect(try chosen(files, "Q4_0") == ["m.Q4_0.gguf"])
        #expect(
            try chosen(files, "Q8_0") == [
                "big/m-Q8_0-00001-of-00002.gguf", "big/m-Q8_0-00002-of-00002.gguf",
            ]
        )
        #expect(try chosen(files, "big/m-Q8_0-00002-of-00002.gguf").count == 2)
        #expect(throws: ModelStoreError.self) { try chosen(files, "0") }
        #expect(throws: ModelStoreError.self) { try chosen(files, "Q6_K") }
    }
}
