// Values as text: Python's `str()` and `repr()`.

extension JinjaInterpreter {
    /// What printing the value puts out.
    mutating func text(of value: JinjaValue) throws(JinjaFault) -> String {
        switch value {
        case .string(let text): return text
        case .undefined: return ""
        default:
            var text = ""
            try represent(value, into: &text)
            return text
        }
    }

    mutating func representation(of value: JinjaValue) throws(JinjaFault) -> String {
        var text = ""
        try represent(value, into: &text)
        return text
    }

    private mutating func represent(
        _ value: JinjaValue,
        into text: inout String
    ) throws(JinjaFault) {
        switch value {
        case .undefined: text += "Undefined"
        case .none: text += "None"
        case .bool(let value): text += value ? "True" : "False"
        case .integer(let value): text += String(value)
        case .float(let value): text += PythonFloat.representation(of: value)
        case .string(let value):
            let added = value.utf8.count
            try reserve(bytes: text.utf8.count + added, added: added)
            text += PythonText.representation(of: value)
        case .list(let list): try represent(list, "[", "]", into: &text)
        case .tuple(let list): try represent(list, "(", list.count == 1 ? ",)" : ")", into: &text)
        case .object(let object): try represent(object, into: &text)
        case .reference(let reference): try represent(reference, into: &text)
        }
    }

    private mutating func represent(
        _ list: JinjaList,
        _ opening: String,
        _ closing: String,
        into text: inout String
    ) throws(JinjaFault) {
        try enter()
        defer { leave() }
        text += opening
        for (index, element) in list.enumerated() {
            try charge(1)
            if index > 0 { text += ", " }
            try represent(element, into: &text)
        }
        text += closing
    }

    private mutating func represent(
        _ object: JinjaObject,
        into text: inout String
    ) throws(JinjaFault) {
        try enter()
        defer { leave() }
        text += "{"
        for (index, entry) in object.entries.enumerated() {
            try charge(1)
            if index > 0 { text += ", " }
            try represent(entry.key, into: &text)
            text += ": "
            try represent(entry.value, into: &text)
        }
        text += "}"
    }

    private mutating func represent(
        _ reference: JinjaReference,
        into text: inout String
    ) throws(JinjaFault) {
        switch reference.kind {
        case .bigInteger(let digits): text += digits
        case .group(let pair): try represent(pair, "(", ")", into: &text)
        case .range(let range):
            text += "range(\(range.start), \(range.stop)"
            text += range.step == 1 ? ")" : ", \(range.step))"
        case .view(let view, let object):
            text += view.rawValue + "("
            try represent(JinjaList(object.elements(view)), "[", "]", into: &text)
            text += ")"
        case .namespace(let index):
            text += "<Namespace "
            try represent(namespaces[index], into: &text)
            text += ">"
        case .macro(let index):
            let name = macros[index].macro.name
            text +=
                name.isEmpty
                ? "<Macro anonymous>" : "<Macro \(PythonText.representation(of: name))>"
        case .loop(let slot, let serial):
            let state = try loopState(slot: slot, serial: serial)
            text += "<LoopContext \(state.index + 1)/\(state.elements.count)>"
        default: text += "<\(reference.typeName)>"
        }
    }
}

extension JinjaObject {
    /// What iterating over one of the dictionary's views gives.
    func elements(_ view: JinjaReference.DictionaryView) -> [JinjaValue] {
        switch view {
        case .keys: keys
        case .values: values
        case .items: entries.map { .tuple([$0.key, $0.value]) }
        }
    }
}
