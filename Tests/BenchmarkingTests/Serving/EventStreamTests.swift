import Benchmarking
import Testing

@Suite struct EventStreamTests {
    private static let stream =
        ": hello\r\ndata: one\r\n\r\nevent: x\ndata:two\ndata: more\nid: 7\n\ndata: [DONE]\n\n"

    @Test(arguments: [1, 2, 3, 7, 1000])
    func eventsAreTheSameInPiecesOfAnySize(size: Int) throws {
        var events = EventStream()
        var found: [String] = []
        let bytes = Array(Self.stream.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            try events.append(bytes[start..<min(start + size, bytes.count)]) {
                found.append(String(decoding: $0, as: UTF8.self))
            }
        }
        #expect(found == ["one", "two\nmore", "[DONE]"])
        #expect(events.isBetweenEvents)
    }

    @Test(arguments: ["data: half", "data: half\n", "da"])
    func anEventThatIsNotOverIsSeen(text: String) throws {
        var events = EventStream()
        try events.append(text.utf8) { _ in Issue.record("no event is complete") }
        #expect(!events.isBetweenEvents)
    }

    @Test func aLineThatIsNoFieldIsMalformed() {
        var events = EventStream()
        #expect(throws: EventStream.Malformed.self) {
            try events.append("<html>\n".utf8) { _ in }
        }
    }

    @Test func aLineWithoutAnEndIsRefusedAtTheLimit() {
        var events = EventStream()
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        #expect(throws: EventStream.Malformed.self) {
            for _ in 0...4 { try events.append(piece) { _ in } }
        }
    }

    @Test func anEventOfManyLinesIsRefusedAtTheLimit() {
        var events = EventStream()
        let line = Array("data: ".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        #expect(throws: EventStream.Malformed.self) {
            for _ in 0...4 { try events.append(line + [UInt8(ascii: "\n")]) { _ in } }
        }
    }
}
