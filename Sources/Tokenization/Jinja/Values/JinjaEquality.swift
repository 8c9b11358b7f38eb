/// Whether two strings are the same code points. Swift's own `==` also accepts canonically
/// equivalent ones ("é" in one or two code points), which Python and tokenizers tell apart.
package func sameText(_ a: String, _ b: String) -> Bool {
    a == b && a.utf8.elementsEqual(b.utf8)
}

/// Whether `a` comes before `b` in Python's order: by code points, which is the order of UTF-8.
package func textPrecedes(_ a: String, _ b: String) -> Bool {
    a.utf8.lexicographicallyPrecedes(b.utf8)
}

extension JinjaValue: Equatable {
    /// Python's `==`: numbers compare across types (`1 == 1.0 == True`), containers by content.
    public static func == (a: JinjaValue, b: JinjaValue) -> Bool {
        switch (a, b) {
        case (.string(let x), .string(let y)): return sameText(x, y)
        case (.undefined, .undefined), (.none, .none): return true
        case (.list(let x), .list(let y)), (.tuple(let x), .tuple(let y)):
            return x.elements == y.elements
        case (.object(let x), .object(let y)): return x == y
        case (.reference(let x), .reference(let y)): return x == y
        default:
            guard let x = JinjaNumber(a), let y = JinjaNumber(b) else { return false }
            return x.isEqual(to: y)
        }
    }
}

extension JinjaObject: Equatable {
    /// Same keys with equal values, in any order.
    public static func == (a: JinjaObject, b: JinjaObject) -> Bool {
        a.count == b.count && a.entries.allSatisfy { b[$0.key] == $0.value }
    }
}

extension JinjaValue: Hashable {
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .string(let text): hasher.combine(text)
        case .undefined, .none: hasher.combine(0)
        case .bool(let value): hasher.combine(value ? 1 : 0)
        case .integer(let value): hasher.combine(value)
        case .float(let value):
            // An integral float equals the integer, so it must hash like it.
            if let integer = Int(exactly: value) {
                hasher.combine(integer)
            } else {
                hasher.combine(value)
            }
        case .list(let list), .tuple(let list): hasher.combine(list.elements)
        case .object(let object): hasher.combine(object.count)
        case .reference(let reference): hasher.combine(reference.typeName)
        }
    }

    /// Whether a dictionary may have this as a key: Python's hashable kinds, tuples one level deep.
    package var isHashable: Bool {
        switch self {
        case .list, .object: return false
        case .tuple(let list):
            return list.allSatisfy { element in
                if case .tuple = element { false } else { element.isHashable }
            }
        case .reference(let reference):
            if case .view = reference.kind { return false }
            return true
        default: return true
        }
    }
}
