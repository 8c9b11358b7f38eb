import Foundation
import Testing

/// Compares a text with `Goldens/<name>`, line by line. With `PUMICE_WRITE_GOLDENS=1` the file is
/// written instead, for a person to read the difference.
func expectGolden(
    _ name: String,
    _ text: String,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Goldens/\(name)")
    if ProcessInfo.processInfo.environment["PUMICE_WRITE_GOLDENS"] == "1" {
        try Data(text.utf8).write(to: url)
        return
    }
    let golden = try String(contentsOf: url, encoding: .utf8)
    let lines = (
        found: text.split(separator: "\n", omittingEmptySubsequences: false),
        expected: golden.split(separator: "\n", omittingEmptySubsequences: false)
    )
    #expect(lines.found.count == lines.expected.count, sourceLocation: sourceLocation)
    for (found, expected) in zip(lines.found, lines.expected) {
        #expect(found == expected, sourceLocation: sourceLocation)
    }
}
