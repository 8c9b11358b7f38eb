/// SHA-256 (FIPS 180-4), in one pass over bytes that come in pieces.
package struct SHA256: Sendable {
    private var state: [UInt32] = [
        0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB,
        0x5BE0_CD19,
    ]
    /// Bytes of a block that is not whole yet.
    private var rest: [UInt8] = []
    private var byteCount: UInt64 = 0

    /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
    private static let constants: [UInt32] = (0..<64).map { index in
        let prime = primes[index]
        var low: UInt64 = 0
        var high: UInt64 = 1 << 36
        while low + 1 < high {
            let middle = (low + high) / 2
            if cubeIsAtMost(middle, prime) { low = middle } else { high = middle }
        }
        return UInt32(truncatingIfNeeded: low)
    }

    package init() {}

    package mutating func update(_ bytes: Span<UInt8>) {
        byteCount += UInt64(bytes.count)
        var start = 0
        if !rest.isEmpty {
            start = min(64 - rest.count, bytes.count)
            for index in 0..<start { rest.append(bytes[index]) }
            guard rest.count == 64 else { return }
            let block = rest
            compress(block.span, 0)
            rest.removeAll(keepingCapacity: true)
        }
        while start + 64 <= bytes.count {
            compress(bytes, start)
            start += 64
        }
        for index in start..<bytes.count { rest.append(bytes[index]) }
    }

    /// The digest in lower-case hexadecimal.
    package consuming func finish() -> String {
        let bitCount = byteCount * 8
        var padding: [UInt8] = [0x80]
        padding += Array(repeating: 0, count: (119 - rest.count) % 64)
        padding += (0..<8).map { UInt8(truncatingIfNeeded: bitCount >> UInt64(56 - 8 * $0)) }
        update(padding.span)
        return state.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }

    private mutating func compress(_ bytes: Span<UInt8>, _ start: Int) {
        // The last 16 words of the schedule, of which each is made of four.
        var w = InlineArray<16, UInt32>(repeating: 0)
        for t in 0..<16 {
            let i = start + t * 4
            w[t] =
                UInt32(bytes[i]) << 24 | UInt32(bytes[i + 1]) << 16 | UInt32(bytes[i + 2]) << 8
                | UInt32(bytes[i + 3])
        }
        let k = Self.constants.span
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for t in 0..<64 {
            if t >= 16 {
                let (w1, w14) = (w[(t + 1) & 15], w[(t + 14) & 15])
                let s0 = rotated(w1, 7) ^ rotated(w1, 18) ^ (w1 >> 3)
                let s1 = rotated(w14, 17) ^ rotated(w14, 19) ^ (w14 >> 10)
                w[t & 15] = w[t & 15] &+ s0 &+ w[(t + 9) & 15] &+ s1
            }
            let s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
            let first = h &+ s1 &+ ((e & f) ^ (~e & g)) &+ k[t] &+ w[t & 15]
            let s0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
            let second = s0 &+ ((a & b) ^ (a & c) ^ (b & c))
            (h, g, f, e) = (g, f, e, d &+ first)
            (d, c, b, a) = (c, b, a, first &+ second)
        }
        state[0] &+= a
        state[1] &+= b
        state[2] &+= c
        state[3] &+= d
        state[4] &+= e
        state[5] &+= f
        state[6] &+= g
        state[7] &+= h
    }
}

@inline(__always)
private func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 {
    word >> count | word << (32 - count)
}

private let primes: [UInt64] = (2...311).filter { number in
    (2..<number).allSatisfy { !number.isMultiple(of: $0) }
}

/// Whether (value / 2^32)^3 is at most `number`: value^3 and number · 2^96 in 128 bits.
private func cubeIsAtMost(_ value: UInt64, _ number: UInt64) -> Bool {
    let cube = UInt128(value) * UInt128(value) * UInt128(value)
    return cube <= UInt128(number) << 96
}

/// The SHA-256 of a file. `progress` gets the bytes read so far.
package func fileDigest(
    _ path: String,
    _ progress: (Int64) -> Void = { _ in }
) throws(ModelStoreError) -> String {
    let file = try OpenFile(reading: path)
    var hash = SHA256()
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    var total: Int64 = 0
    while true {
        let count = try file.read(into: &buffer)
        guard count > 0 else { return hash.finish() }
        hash.update(buffer.span.extracting(0..<count))
        total += Int64(count)
        progress(total)
    }
}
