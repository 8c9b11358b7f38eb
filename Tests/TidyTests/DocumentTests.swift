import Foundation
import Testing

/// What the documents promise about the repository.
@Suite struct DocumentTests {
    @Test func everyDocumentHasATitle() {
        for file in Repository.files("md") {
            #expect(file.text.hasPrefix("# "), "\(file.path) does not begin with a title")
        }
    }

    @Test func everyTargetIsInTheMapOfTheREADME() throws {
        let declaration = /\.(?:target|executableTarget|plugin|systemLibrary)\(\s*name: "(\w+)"/
        let targets = Repository.text("Package.swift").matches(of: declaration).map(\.output.1)
        #expect(targets.count > 10, "Package.swift is no longer read correctly")

        let readme = Repository.text("README.md")
        let map = try #require(readme.range(of: "\n## Map of the code\n"))
        let section = readme[map.upperBound...]
        let end = section.range(of: "\n## ")?.lowerBound ?? section.endIndex
        for target in targets {
            #expect(section[..<end].contains("| `\(target)`"), "README's map lacks \(target)")
        }
    }

    @Test func everyRelativeLinkLeadsToAFile() {
        let link = /\]\(([^)#:]+)(?:#[^)]*)?\)/
        for file in Repository.files("md") {
            let folder = file.path.split(separator: "/").dropLast().joined(separator: "/")
            for match in file.text.matches(of: link) {
                let target = Self.path("\(folder)/\(match.1)")
                let found = Repository.files.contains { $0.path.hasPrefix(target) }
                #expect(found, "\(file.path) links to \(match.1)")
            }
        }
    }

    /// A path from the root without `..`.
    private static func path(_ text: String) -> String {
        var parts: [Substring] = []
        for part in text.split(separator: "/") {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return parts.joined(separator: "/")
    }

    @Test func everyMakeTargetTheDocumentsNameExists() {
        let declared = Set(Repository.text("Makefile").matches(of: /\n([a-z]+):/).map(\.output.1))
        for file in Repository.files("md") {
            for match in file.text.matches(of: /(?:`|\n|' )make ([a-z]+)/) {
                #expect(declared.contains(match.1), "\(file.path): make \(match.1)")
            }
        }
    }

    @Test func pythonPackagesArePinned() {
        for file in ["Scripts/requirements.txt", "Tests/Chart/requirements.txt"] {
            let lines = Repository.text(file).split(separator: "\n")
            #expect(!lines.isEmpty)
            for line in lines where !line.hasPrefix("#") {
                #expect(line.contains(/^[a-z0-9-]+==[0-9.]+$/), "\(line)")
            }
        }
    }
}
