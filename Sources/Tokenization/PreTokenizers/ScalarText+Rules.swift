/// The parts that the expressions of byte-level BPE are made of. Each tries to match at `start` and
/// gives the index where the match ends, or nil; none looks at a run of scalars more than twice.
extension ScalarText {
    /// The end of the longest run from `start` of scalars that `belongs` accepts; maybe `start`.
    func runEnd(from start: Int, where belongs: (ScalarClass) -> Bool) -> Int {
        var end = start
        while end < count, belongs(classes[end]) { end += 1 }
        return end
    }

    /// `'s|'t|'re|'ve|'m|'ll|'d`. In any case, as `(?i:…)`, when `ignoresCase`; Unicode's simple
    /// folding makes the long s (U+017F) an s.
    func contraction(at start: Int, ignoresCase: Bool) -> Int? {
        guard values[start] == 0x27, start + 1 < count else { return nil }
        let first = folded(values[start + 1], ignoresCase)
        if first == "s" || first == "t" || first == "m" || first == "d" { return start + 2 }
        guard start + 2 < count else { return nil }
        switch (first, folded(values[start + 2], ignoresCase)) {
        case ("r", "e"), ("v", "e"), ("l", "l"): return start + 3
        default: return nil
        }
    }

    private func folded(_ value: UInt32, _ ignoresCase: Bool) -> Unicode.Scalar {
        if ignoresCase && value == 0x17F { return "s" }
        let isUpper = ignoresCase && (0x41...0x5A).contains(value)
        return Unicode.Scalar(isUpper ? value + 0x20 : value) ?? "\u{FFFD}"
    }

    /// ` ?\p{L}+` or ` ?\p{N}+`
    func spaced(_ member: ScalarClass, at start: Int) -> Int? {
        let first = values[start] == 0x20 ? start + 1 : start
        let end = runEnd(from: first) { $0.contains(member) }
        return end > first ? end : nil
    }

    /// ` ?[^\s\p{L}\p{N}]+`, followed by a run of `trailing` scalars.
    func spacedSymbols(at start: Int, trailing: ScalarClass = []) -> Int? {
        let first = values[start] == 0x20 ? start + 1 : start
        let end = runEnd(from: first) { $0.isSymbol }
        guard end > first else { return nil }
        return runEnd(from: end) { !$0.isDisjoint(with: trailing) }
    }

    /// `[^\r\n\p{L}\p{N}]?\p{L}+`
    func prefixedLetters(at start: Int) -> Int? {
        let first = classes[start].isWordPrefix ? start + 1 : start
        let end = runEnd(from: first) { $0.contains(.letter) }
        return end > first ? end : nil
    }

    /// `\p{N}{1,limit}`
    func numbers(at start: Int, limit: Int) -> Int? {
        var end = start
        while end < min(count, start + limit), classes[end].contains(.number) { end += 1 }
        return end > start ? end : nil
    }

    /// `\s*[\r\n]+`: as much white space as ends in a line break.
    func lineBreaks(at start: Int) -> Int? {
        var end = runEnd(from: start) { $0.contains(.space) }
        while end > start, !classes[end - 1].contains(.newline) { end -= 1 }
        return end > start ? end : nil
    }

    /// `\s+(?!\S)|\s+`: white space but for its last scalar, which goes to what follows, unless it
    /// is alone or nothing follows. Nothing follows either where a scalar of `wall` stands, for
    /// which the text is cut beforehand.
    func whitespace(at start: Int, wall: ScalarClass = []) -> Int? {
        let end = runEnd(from: start) { $0.contains(.space) }
        guard end > start else { return nil }
        let isLast = end == count || !classes[end].isDisjoint(with: wall)
        return isLast || end == start + 1 ? end : end - 1
    }
}

extension ScalarClass {
    /// `[^\s\p{L}\p{N}]`
    var isSymbol: Bool { isDisjoint(with: [.space, .letter, .number]) }
    /// `[^\r\n\p{L}\p{N}]`
    var isWordPrefix: Bool { isDisjoint(with: [.newline, .letter, .number]) }
}
