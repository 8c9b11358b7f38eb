import Foundation
import Testing

/// The conventions of every source file that a machine can check.
@Suite struct SourceTests {
    static let code = Repository.files("swift", "comp", "glsl", "h", "c", "py")
    static let scripts = Repository.files(in: "Scripts/") + Repository.files(in: ".ci/")
    static let all = (code + scripts.filter { $0.url.pathExtension != "py" })
        .filter { !$0.path.contains("/Goldens/") }

    @Test func noFileIsOver400Lines() {
        let long = Self.all.filter { $0.lines.count - 1 > 400 }.map(\.path)
        expectNone(long, "more than one idea")
    }

    @Test func noLineIsOver100Columns() {
        expectNone(Self.all.flatMap { $0.places { $0.count > 100 } }, "over 100 columns")
    }

    /// Spelled apart, or this file would find itself.
    @Test(arguments: ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"])
    func noRemindersAreLeftBehind(word: String) throws {
        let reminder = try Regex("\\b\(word)\\b")
        expectNone(
            Self.all.flatMap { $0.places { $0.contains(reminder) } },
            "do it, or file an issue"
        )
    }

    @Test func onlyTheVulkanTargetImportsVulkan() {
        let places = swiftPlaces(of: "import CVulkan", outside: ["Sources/Vulkan/"])
        expectNone(places, "Vulkan's own types stop at the target Vulkan")
    }

    /// In the targets that own handles or file maps, and there under a comment with the reason.
    @Test(arguments: ["@unchecked Sendable", "nonisolated(unsafe)"])
    func whatTheCompilerCannotCheckIsConfinedAndExplained(words: String) {
        let places = swiftPlaces(of: words, outside: ["Sources/Vulkan/", "Sources/Checkpoints/"])
        expectNone(places, "find a way that the compiler can check")
        let unexplained = Repository.files(in: "Sources/", "swift").flatMap { file in
            let lines = file.lines
            return lines.indices
                .filter { isCode(lines[$0]) && lines[$0].contains(words) }
                .filter { !lines[max(0, $0 - 4)...$0].contains { $0.contains("//") } }
                .map { "\(file.path):\($0 + 1)" }
        }
        expectNone(unexplained, "a comment says why it is safe")
    }

    @Test func nothingEndsTheProcessWithoutNumbers() {
        let places = swiftPlaces(of: "fatal" + "Error(", outside: [])
        expectNone(places, "a broken invariant is a precondition with numbers; the rest throws")
    }

    @Test func noFileKnowsTheMachineItWasWrittenOn() {
        let folders = ["work", "root", "tmp"].map { "/" + $0 + "/" }
        let places = Repository.files.filter { !$0.path.contains("/Goldens/") }.flatMap { file in
            file.places { line in folders.contains { line.contains($0) } }
        }
        expectNone(places, "another machine has other folders")
    }

    @Test func scriptsCanBeRunAndStopAtTheFirstMistake() {
        for file in Self.scripts where file.url.pathExtension.isEmpty {
            #expect(
                FileManager.default.isExecutableFile(atPath: file.url.path),
                "chmod +x \(file.path)"
            )
            #expect(file.text.hasPrefix("#!/usr/bin/env bash\n"), "\(file.path)")
            #expect(file.text.contains("\nset -euo pipefail\n"), "\(file.path)")
        }
    }

    private func expectNone(_ places: [String], _ reason: String) {
        #expect(places.isEmpty, "\(reason):\n  \(places.joined(separator: "\n  "))")
    }

    /// `path:line` of code, not comments, of `Sources` that contains `words`.
    private func swiftPlaces(of words: String, outside allowed: [String]) -> [String] {
        Repository.files(in: "Sources/", "swift")
            .filter { file in !allowed.contains { file.path.hasPrefix($0) } }
            .flatMap { $0.places { isCode($0) && $0.contains(words) } }
    }

    private func isCode(_ line: Substring) -> Bool {
        !line.trimmingPrefix(while: \.isWhitespace).hasPrefix("//")
    }
}
