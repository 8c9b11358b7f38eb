extension JinjaInterpreter {
    /// What a `for` loop would see. A one-shot iterator is used up by it.
    mutating func elements(of value: JinjaValue) throws(JinjaFault) -> [JinjaValue] {
        switch value {
        case .list(let list), .tuple(let list): return list.elements
        case .undefined: return []
        case .object(let object): return object.keys
        case .string(let text):
            try reserve(elements: text.utf8.count)
            return text.unicodeScalars.map { .string(String($0)) }
        case .reference(let reference): return try elements(of: reference)
        default:
            throw JinjaFault(
                .value,
                "\(value.typeName) cannot be looped over: expected a list or an object"
            )
        }
    }

    private mutating func elements(
        of reference: JinjaReference
    ) throws(JinjaFault) -> [JinjaValue] {
        switch reference.kind {
        case .range(let range):
            try reserve(elements: range.count)
            return (0..<range.count).map { .integer(range[$0]) }
        case .view(let view, let object):
            try charge(object.count)
            return object.elements(view)
        case .group(let pair): return pair.elements
        case .iterator(let index):
            let rest = iterators[index].elements
            iterators[index].elements = []
            try charge(rest.count)
            return Array(rest)
        default:
            throw JinjaFault(
                .value,
                "a \(reference.typeName) cannot be looped over: expected a list"
            )
        }
    }

    /// `len()`; nil where Python has none.
    func length(of value: JinjaValue) -> Int? {
        switch value {
        case .undefined: return 0
        case .string(let text): return PythonText.length(text)
        case .list(let list), .tuple(let list): return list.count
        case .object(let object): return object.count
        case .reference(let reference):
            switch reference.kind {
            case .range(let range): return range.count
            case .view(_, let object): return object.count
            case .group(let pair): return pair.count
            case .loop(let slot, let serial):
                return (try? loopState(slot: slot, serial: serial))?.elements.count
            default: return nil
            }
        default: return nil
        }
    }

    func isIterable(_ value: JinjaValue) -> Bool {
        switch value {
        case .list, .tuple, .undefined, .object, .string: return true
        case .reference(let reference):
            switch reference.kind {
            case .range, .view, .group, .iterator, .loop: return true
            default: return false
            }
        default: return false
        }
    }
}
