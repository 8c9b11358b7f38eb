extension ExpressionParser {
    /// What follows a backslash, outside of brackets.
    mutating func escape() throws(ExpressionError) -> ExpressionNode {
        position += 1
        guard let letter = current, let scalar = Unicode.Scalar(letter) else {
            throw failure("nothing follows a backslash")
        }
        switch scalar {
        case "b": return place(.wordEdge)
        case "B": return place(.noWordEdge)
        case "A": return place(.textStart)
        case "z": return place(.textEnd)
        case "Z": return place(.lastLineEnd)
        case "1"..."9", "k", "g", "G", "K", "R", "X":
            throw failure("'\\\(scalar)' is not supported")
        default: return .set(try escapedSet().prepared(ignoringCase: ignoresCase))
        }
    }

    private mutating func place(_ place: ExpressionNode.Place) -> ExpressionNode {
        position += 1
        return .place(place)
    }

    /// A set or a scalar after a backslash, inside of brackets or not.
    private mutating func escapedSet() throws(ExpressionError) -> ScalarSet {
        guard let letter = current, let scalar = Unicode.Scalar(letter) else {
            throw failure("nothing follows a backslash")
        }
        position += 1
        switch scalar {
        case "s": return NamedSets.space
        case "S": return negated(NamedSets.space)
        case "d": return NamedSets.digit
        case "D": return negated(NamedSets.digit)
        case "w": return NamedSets.word
        case "W": return negated(NamedSets.word)
        case "h": return NamedSets.hexadecimal
        case "H": return negated(NamedSets.hexadecimal)
        case "p": return try property(isNegated: false)
        case "P": return try property(isNegated: true)
        case "n": return ScalarSet(scalar: 0xA)
        case "r": return ScalarSet(scalar: 0xD)
        case "t": return ScalarSet(scalar: 0x9)
        case "f": return ScalarSet(scalar: 0xC)
        case "v": return ScalarSet(scalar: 0xB)
        case "a": return ScalarSet(scalar: 0x7)
        case "e": return ScalarSet(scalar: 0x1B)
        case "0": return ScalarSet(scalar: 0)
        case "x":
            let isBraced = take("{" as Unicode.Scalar)
            let value = try hexadecimal(isBraced ? 1...8 : 1...2)
            if isBraced, !take("}" as Unicode.Scalar) { throw failure("should have '}'") }
            return ScalarSet(scalar: value)
        case "u": return ScalarSet(scalar: try hexadecimal(4...4))
        default:
            guard !scalar.properties.isAlphabetic, !("0"..."9").contains(scalar) else {
                throw failure("'\\\(scalar)' is not supported")
            }
            return ScalarSet(scalar: letter)
        }
    }

    private func negated(_ set: ScalarSet) -> ScalarSet { ScalarSet([.set(set)], isNegated: true) }

    private mutating func hexadecimal(_ count: ClosedRange<Int>) throws(ExpressionError) -> UInt32 {
        var value: UInt32 = 0
        var digits = 0
        while digits < count.upperBound, let scalar = current.flatMap(Unicode.Scalar.init),
            let digit = Character(scalar).hexDigitValue
        {
            value = value << 4 | UInt32(digit)
            digits += 1
            position += 1
        }
        guard digits >= count.lowerBound, Unicode.Scalar(value) != nil else {
            throw failure("a hexadecimal number names no character")
        }
        return value
    }

    private mutating func property(isNegated: Bool) throws(ExpressionError) -> ScalarSet {
        var name = ""
        if take("{" as Unicode.Scalar) {
            while let scalar = current.flatMap(Unicode.Scalar.init), scalar != "}" {
                name.unicodeScalars.append(scalar)
                position += 1
            }
            guard take("}" as Unicode.Scalar) else { throw failure("a property never ends") }
        } else if let scalar = current.flatMap(Unicode.Scalar.init) {
            name.unicodeScalars.append(scalar)
            position += 1
        }
        let isInverse = name.hasPrefix("^")
        guard let set = NamedSets.property(isInverse ? String(name.dropFirst()) : name) else {
            throw failure("the property '\(name.prefix(40))' is not known")
        }
        return isNegated != isInverse ? negated(set) : set
    }

    /// What is between brackets, after the first one.
    mutating func bracketed(depth: Int = 0) throws(ExpressionError) -> ScalarSet {
        guard depth < ExpressionLimits.depth else { throw failure("brackets nest too deep") }
        var set = ScalarSet()
        let isNegated = take("^" as Unicode.Scalar)
        var others: [ScalarSet] = []
        var isFirst = true
        while true {
            guard let scalar = current else { throw failure("a bracket never ends") }
            if scalar == 0x5D, !isFirst { break }
            isFirst = false
            if take("&&") {
                others.append(set)
                set = ScalarSet()
                continue
            }
            set.insert(try member(depth))
        }
        position += 1
        for other in others { set.intersect(other) }
        if isNegated { set.negate() }
        return set
    }

    /// One member of a bracket: a set, a scalar, or a range of them.
    private mutating func member(_ depth: Int) throws(ExpressionError) -> ScalarSet.Member {
        if take("[:") {
            let isNegated = take("^" as Unicode.Scalar)
            var name = ""
            while let scalar = current.flatMap(Unicode.Scalar.init), scalar != ":" {
                name.unicodeScalars.append(scalar)
                position += 1
            }
            guard take(":]"), let set = NamedSets.posix(name) else {
                throw failure("a named class is not known")
            }
            return .set(isNegated ? negated(set) : set)
        }
        if take("[" as Unicode.Scalar) { return .set(try bracketed(depth: depth + 1)) }
        let first = try scalarOrSet()
        guard case .range(let range) = first, range.count == 1, current == 0x2D,
            position + 1 < text.count, text[position + 1] != 0x5D, text[position + 1] != 0x5B
        else { return first }
        let minus = position
        position += 1
        guard case .range(let last) = try scalarOrSet(), last.count == 1 else {
            // `[a-\d]`: the minus is one of the characters.
            position = minus
            return first
        }
        guard range.lowerBound <= last.lowerBound else { throw failure("a range is out of order") }
        return .range(range.lowerBound...last.lowerBound)
    }

    private mutating func scalarOrSet() throws(ExpressionError) -> ScalarSet.Member {
        guard let scalar = current else { throw failure("a bracket never ends") }
        position += 1
        guard scalar == 0x5C else { return .range(scalar...scalar) }
        // `\b` is the backspace here.
        if take("b" as Unicode.Scalar) { return .range(0x8...0x8) }
        let set = try escapedSet()
        if set.members.count == 1, !set.isNegated, case .range(let range) = set.members[0],
            range.count == 1
        {
            return .range(range)
        }
        return .set(set)
    }
}
