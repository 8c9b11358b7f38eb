// Tokens inside `{{ … }}` and `{% … %}`.

extension JinjaLexer {
    mutating func scanOutput(from begin: Int) throws(JinjaError) {
        emit(.outputBegin, at: begin)
        try scanExpression(end: "}", endKind: .outputEnd, trimsNewline: false, from: begin)
    }

    mutating func scanTag(from begin: Int) throws(JinjaError) {
        emit(.tagBegin, at: begin)
        try scanExpression(end: "%", endKind: .tagEnd, trimsNewline: true, from: begin)
    }

    private mutating func scanExpression(
        end: Unicode.Scalar,
        endKind: JinjaToken.Kind,
        trimsNewline: Bool,
        from begin: Int
    ) throws(JinjaError) {
        // Inside brackets '}}' closes two dictionaries rather than the output.
        var open: [JinjaSymbol] = []
        while let next = scalar(at: position) {
            let start = position
            if open.isEmpty, skipEnd(end, trimsNewline: trimsNewline) {
                emit(endKind, at: start)
                return
            }
            if PythonText.isSpace(next) {
                position += 1
            } else if let token = try scanNumber() {
                emit(token, at: start)
            } else if next == "'" || next == "\"" {
                emit(.string(try scanString(quote: next)), at: start)
            } else if Self.isWordPart(next) {
                emit(.name(try scanName()), at: start)
            } else if let symbol = scanSymbol() {
                try balance(symbol, at: start, open: &open)
                emit(.symbol(symbol), at: start)
            } else {
                throw failure("unexpected character '\(next)'", at: start)
            }
        }
        let opened = end == "}" ? "'{{'" : "'{%'"
        throw failure("this \(opened) is never closed", at: begin)
    }

    private func balance(
        _ symbol: JinjaSymbol,
        at offset: Int,
        open: inout [JinjaSymbol]
    ) throws(JinjaError) {
        if let closing = symbol.closing {
            open.append(closing)
        } else if symbol.isClosing {
            guard let expected = open.popLast() else {
                throw failure("'\(symbol.rawValue)' closes nothing", at: offset)
            }
            if expected != symbol {
                throw failure(
                    "'\(symbol.rawValue)' where '\(expected.rawValue)' must come first",
                    at: offset
                )
            }
        }
    }

    private mutating func scanSymbol() -> JinjaSymbol? {
        if position + 1 < source.count,
            let symbol = JinjaSymbol(rawValue: text(position..<position + 2))
        {
            position += 2
            return symbol
        }
        guard let symbol = JinjaSymbol(rawValue: text(position..<position + 1)) else { return nil }
        position += 1
        return symbol
    }

    static func isWordPart(_ scalar: Unicode.Scalar) -> Bool {
        PythonText.isAlphanumeric(scalar) || scalar.properties.isXIDContinue
    }

    private mutating func scanName() throws(JinjaError) -> String {
        let start = position
        while let next = scalar(at: position), Self.isWordPart(next) { position += 1 }
        let name = text(start..<position)
        guard PythonText.isIdentifier(name) else {
            throw failure("'\(name)' is not a name: names begin with a letter or '_'", at: start)
        }
        return name
    }
}

// MARK: - Numbers

extension JinjaLexer {
    /// An integer (decimal, `0x`, `0o`, `0b`, with `_` between digits) or a float; nil elsewhere.
    private mutating func scanNumber() throws(JinjaError) -> JinjaToken.Kind? {
        guard let first = scalar(at: position), Self.isDigit(first) else { return nil }
        let start = position
        if first == "0", let radix = Self.radix(of: scalar(at: start + 1)) {
            position = start + 2
            let digits = scanDigits(radix: radix, leadingUnderscore: true)
            if !digits.isEmpty { return try integer(digits, radix: radix, at: start) }
            position = start
        }
        let isAfterDot = start > 0 && source[start - 1] == "."
        if !isAfterDot, let float = scanFloat() { return .float(float) }
        position = start
        if first == "0" {
            // Python has no decimal integers with leading zeros: '007' is three tokens there.
            _ = scanDigits(radix: 1, leadingUnderscore: false)
            return .integer(0)
        }
        return try integer(scanDigits(radix: 10, leadingUnderscore: false), radix: 10, at: start)
    }

    private func integer(
        _ digits: String,
        radix: Int,
        at offset: Int
    ) throws(JinjaError) -> JinjaToken.Kind {
        guard let value = Int(digits, radix: radix) else {
            throw failure("the integer \(digits) does not fit 64 bits", at: offset)
        }
        return .integer(value)
    }

    private mutating func scanFloat() -> Double? {
        var literal = scanDigits(radix: 10, leadingUnderscore: false)
        var isFloat = false
        if scalar(at: position) == ".", Self.isDigit(scalar(at: position + 1)) {
            position += 1
            literal += "." + scanDigits(radix: 10, leadingUnderscore: false)
            isFloat = true
        }
        if let marker = scalar(at: position), marker == "e" || marker == "E" {
            var index = position + 1
            var sign = ""
            if let next = scalar(at: index), next == "+" || next == "-" {
                sign = String(next)
                index += 1
            }
            if Self.isDigit(scalar(at: index)) {
                position = index
                literal += "e" + sign + scanDigits(radix: 10, leadingUnderscore: false)
                isFloat = true
            }
        }
        return isFloat ? Double(literal) : nil
    }

    /// Digits below `radix` with single underscores between them, underscores left out. A radix of
    /// 1 takes zeros.
    private mutating func scanDigits(radix: Int, leadingUnderscore: Bool) -> String {
        var digits = ""
        while let next = scalar(at: position) {
            if Self.isDigit(next, radix: radix) {
                digits.unicodeScalars.append(next)
                position += 1
            } else if next == "_", leadingUnderscore || !digits.isEmpty,
                let following = scalar(at: position + 1), Self.isDigit(following, radix: radix)
            {
                digits.unicodeScalars.append(following)
                position += 2
            } else {
                break
            }
        }
        return digits
    }

    private static func isDigit(_ scalar: Unicode.Scalar?, radix: Int = 10) -> Bool {
        let value: UInt32? =
            switch scalar {
            case .some("0"..."9"): scalar.map { $0.value - 0x30 }
            case .some("a"..."f"): scalar.map { $0.value - 0x61 + 10 }
            case .some("A"..."F"): scalar.map { $0.value - 0x41 + 10 }
            default: nil
            }
        return value.map { $0 < radix } ?? false
    }

    private static func radix(of letter: Unicode.Scalar?) -> Int? {
        switch letter {
        case "x", "X": 16
        case "o", "O": 8
        case "b", "B": 2
        default: nil
        }
    }
}
