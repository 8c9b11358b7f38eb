import Foundation
import ModelStore
import Testing

/// What `--model` may say, and the parts of a download that are pure.
struct ReferenceTests {
    @Test func repositoriesAndAddressesAreTold() throws {
        let id = try #require(RepositoryID("own/name-1.2_B"))
        #expect(try ModelReference("own/name-1.2_B") == .repository(id, wanted: nil))
        #expect(
            try ModelReference("hf://own/name-1.2_B:Q4_K_M") == .repository(id, wanted: "Q4_K_M")
        )
        #expect(
            try ModelReference("own/name-1.2_B:a/b.gguf") == .repository(id, wanted: "a/b.gguf")
        )
        let sum = String(repeating: "aB", count: 32)
        let address = try WebAddress("https://x.example/a.gguf?b=c#sha256=\(sum)")
        #expect(
            try ModelReference("https://x.example/a.gguf?b=c#sha256=\(sum)")
                == .address(address, sha256: sum.lowercased())
        )
        #expect(address.shown == "https://x.example/a.gguf")
    }

    @Test func whatIsThereAsAPathIsAPath() throws {
        let folder = try TemporaryFolder()
        #expect(try ModelReference(folder.path) == .path(folder.path))
        #expect(ModelStore.isPath(folder.path))
        #expect(!ModelStore.isPath("own/name"))
        #expect(try ModelReference("file:///a/b%20c.gguf") == .path("/a/b c.gguf"))
    }

    @Test(arguments: [
        "", "name", "/no/such/file.gguf", "./x", "~/x", "a/b/c", "own/", "/name", "own/..",
        "../name",
        "own/na me", "own/name:", "own/file.gguf", "ftp://x/y", "https://", "https://user@x/y",
        "https://x/y#sha256=12", "https://x/y#md5=12", "https://x/\u{e4}", "https://x/a b",
    ])
    func anythingElseIsRefusedWithWhatWouldBeRight(text: String) {
        let error = #expect(throws: ModelStoreError.self) { try ModelReference(text) }
        #expect((error?.description.count ?? 0) > 20)
    }

    @Test func redirectsDoNotLeaveTLS() throws {
        let address = try WebAddress("https://x.example/a")
        #expect(try address.following("/b?c").shown == "https://x.example/b")
        #expect(try address.following("https://y.example/c").shown == "https://y.example/c")
        for location in [
            "http://x.example/a", "ftp://x", "file:///a", "https://", "https://u:p@x/",
        ] {
            #expect(throws: ModelStoreError.self) { try address.following(location) }
        }
    }

    @Test func delaysGrowAndEnd() {
        let policy = RetryPolicy()
        let longest = (1..<policy.attemptCount).map {
            policy.delay(afterFailure: $0, random: 1) ?? -1
        }
        #expect(longest == [0.5, 1, 2, 4, 8, 16, 30])
        #expect(policy.delay(afterFailure: 3, random: 0) == 1)
        #expect(policy.delay(afterFailure: 1, requested: 7, random: 1) == 7)
        #expect(policy.delay(afterFailure: 1, requested: 1e9, random: 1) == 120)
        #expect(policy.delay(afterFailure: policy.attemptCount) == nil)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func rangesAreThoseOfASetOfNumbers(seed: UInt64) {
        var random = Generator(state: seed)
        var ranges = ReceivedRanges()
        var numbers: Set<Int64> = []
        for _ in 0..<20 {
            let start = Int64.random(in: 0..<90, using: &random)
            let range = start..<start + Int64.random(in: 0..<10, using: &random)
            ranges.insert(range)
            numbers.formUnion(range)
            #expect(Set(ranges.ranges.joined()) == numbers, "seed \(seed)")
            #expect(ranges.byteCount == numbers.count, "seed \(seed)")
            let missing = ranges.missing(of: 100, chunkByteCount: 7)
            #expect(missing.allSatisfy { (1...7).contains($0.count) }, "seed \(seed)")
            #expect(missing.flatMap(Array.init) == (0..<100).filter { !numbers.contains($0) })
        }
    }

    /// Known answers of FIPS 180-4's examples.
    @Test func theDigestIsSHA256() {
        #expect(
            digest([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        )
        #expect(
            digest(Array("abc".utf8))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
        #expect(
            digest([UInt8](repeating: 0x61, count: 1_000_000))
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        )
        let bytes = someBytes(300)
        for cut in 0...300 {
            var hash = SHA256()
            hash.update(bytes.span.extracting(0..<cut))
            hash.update(bytes.span.extracting(cut..<300))
            #expect(hash.finish() == digest(bytes))
        }
    }

    @Test func theEnvironmentIsThatOfTheHubsOwnTools() throws {
        let folder = try TemporaryFolder()
        let plain = StoreConfiguration(environment: ["HOME": "/h"])
        #expect(plain.folder == "/h/.cache/pumice")
        #expect(plain.endpoint == "https://huggingface.co" && plain.token == nil)
        let path = folder.path + "/token"
        try "hf_file\n".write(toFile: path, atomically: true, encoding: .utf8)
        let set = StoreConfiguration(environment: [
            "PUMICE_CACHE": "/c", "HF_ENDPOINT": "http://hub", "HF_TOKEN_PATH": path,
            "HF_HUB_OFFLINE": "1",
        ])
        #expect(set.folder == "/c" && set.endpoint == "http://hub" && set.isOffline)
        #expect(set.token == "hf_file")
        let home = StoreConfiguration(environment: ["HOME": "/h", "HF_HOME": folder.path])
        #expect(home.token == "hf_file")
    }
}

/// Steele, Lea and Flood's SplitMix64.
private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
