import Foundation
import Testing
import Tokenization

/// Lines of 2^20 bytes, whose tokens goldens hold as a count and a digest, and the time they take.
enum MegabyteLine {
    /// What matchers and merges like least: `UNITS` of `make_tokenizer_json_goldens.py`.
    static let units = [
        "a", " ", "1", "thestone", "\u{4e00}", "\n ", "'s",
        "the fox's 12345 — \u{4e00}\u{301} x=(1);  ",
    ]

    /// A golden's `[count, digest]`.
    struct Golden: Decodable, Equatable {
        let count: Int
        let digest: String

        init(_ tokens: [UInt32]) {
            count = tokens.count
            var value: UInt64 = 0xCBF2_9CE4_8422_2325
            for token in tokens { value = (value ^ UInt64(token)) &* 0x100_0000_01B3 }
            let digits = String(value, radix: 16)
            digest = String(repeating: "0", count: 16 - digits.count) + digits
        }

        init(from decoder: any Decoder) throws {
            var pair = try decoder.unkeyedContainer()
            count = try pair.decode(Int.self)
            digest = try pair.decode(String.self)
        }
    }

    static func text(_ unit: String, byteCount: Int = 1 << 20) -> String {
        String(repeating: unit, count: byteCount / unit.utf8.count)
    }

    /// Every unit's line has the golden's tokens, and four times the text takes no more than eight
    /// times the work, where a quadratic algorithm takes sixteen. Medians decide where a first
    /// measurement does not.
    /// - Parameter third: takes every third line, other ones for other numbers; nil: all.
    static func check(
        _ goldens: [Golden],
        _ tokenizer: Tokenizer,
        addSpecialTokens: Bool,
        third: Int? = nil
    ) {
        func seconds(_ text: String) -> Double {
            processorSeconds { _ = tokenizer.encode(text, addSpecialTokens: addSpecialTokens) }
        }
        func median(_ text: String) -> Double { (0..<3).map { _ in seconds(text) }.sorted()[1] }
        #expect(goldens.count == units.count)
        for (index, (unit, golden)) in zip(units, goldens).enumerated() {
            guard third.map({ ($0 + index) % 3 == 0 }) ?? true else { continue }
            let (line, part) = (text(unit), text(unit, byteCount: 1 << 18))
            var tokens: [UInt32] = []
            let whole = processorSeconds {
                tokens = tokenizer.encode(line, addSpecialTokens: addSpecialTokens)
            }
            #expect(Golden(tokens) == golden, "\(unit.debugDescription)")
            // A quadratic algorithm takes minutes; what takes next to nothing proves itself.
            guard whole > 0.2, whole >= 8 * seconds(part) else { continue }
            #expect(median(line) < 8 * median(part), "\(unit.debugDescription)")
        }
    }

    /// What this thread computes, so that others on the machine do not count.
    private static func processorSeconds(_ body: () -> Void) -> Double {
        func now() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
        }
        let start = now()
        body()
        return now() - start
    }
}
