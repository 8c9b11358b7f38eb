// Members, elements and slices.

extension JinjaInterpreter {
    /// `value.name`: methods first, then elements, as in Jinja.
    @inline(never)
    func member(
        _ attribute: JinjaAttribute,
        of value: JinjaValue
    ) throws(JinjaFault) -> JinjaValue {
        if let method = attribute.method, method.exists(on: value) {
            return method.isAllowed(on: value)
                ? .made(.method(receiver: value, name: method)) : .undefined
        }
        switch value {
        case .object(let object): return object[attribute.name] ?? .undefined
        case .reference(let reference): return try member(attribute.name, of: reference)
        default: return .undefined
        }
    }

    private func member(
        _ name: String,
        of reference: JinjaReference
    ) throws(JinjaFault) -> JinjaValue {
        switch reference.kind {
        case .namespace(let index): return namespaces[index][name] ?? .undefined
        case .macro(let index): return macroAttribute(name, of: index)
        case .cycler(let index) where name == "current":
            return cyclers[index].items[cyclers[index].position]
        case .loop(let slot, let serial):
            return try loopAttribute(name, slot: slot, serial: serial)
        case .group(let pair):
            return name == "grouper" ? pair[0] : name == "list" ? pair[1] : .undefined
        case .range(let range):
            switch name {
            case "start": return .integer(range.start)
            case "stop": return .integer(range.stop)
            case "step": return .integer(range.step)
            default: return .undefined
            }
        default: return .undefined
        }
    }

    /// `value[key]`: elements first, then members.
    @inline(never)
    mutating func element(
        _ key: JinjaValue,
        of value: JinjaValue
    ) throws(JinjaFault) -> JinjaValue {
        switch value {
        case .object(let object):
            if key.isHashable, let found = object[key] { return found }
        case .list(let list), .tuple(let list):
            if let index = position(key, count: list.count) { return list[index] }
        case .string(let text):
            try charge(text.utf8.count / 32)
            if let character = PythonText.character(text, at: key) { return .string(character) }
        case .reference(let reference):
            if case .range(let range) = reference.kind,
                let index = position(key, count: range.count)
            {
                return .integer(range[index])
            }
            if case .group(let pair) = reference.kind,
                let index = position(key, count: pair.count)
            {
                return pair[index]
            }
        default: break
        }
        guard case .string(let name) = key else { return .undefined }
        if case .object = value {
            // The keys have been looked at: only a method can have this name now.
            guard JinjaMethod(rawValue: name)?.exists(on: value) == true else { return .undefined }
        }
        return try member(JinjaAttribute(name), of: value)
    }

    /// A Python index, negative from the end, as a position; nil outside.
    private func position(_ key: JinjaValue, count: Int) -> Int? {
        guard case .integer(let index) = JinjaNumber(key) else { return nil }
        let position = index < 0 ? index + count : index
        return (0..<count).contains(position) ? position : nil
    }
}

// MARK: - Slices

extension JinjaInterpreter {
    @inline(never)
    mutating func evaluateSlice(
        _ base: JinjaExpression,
        _ start: JinjaExpression?,
        _ stop: JinjaExpression?,
        _ step: JinjaExpression?,
        at offset: Int32
    ) throws(JinjaFault) -> JinjaValue {
        let value = try evaluate(base)
        let from = try sliceBound(start)
        let to = try sliceBound(stop)
        let by = try sliceBound(step)
        position = offset
        if value.isUndefined { throw undefined(base) }
        guard by != 0 else { throw JinjaFault(.value, "the step of a slice cannot be 0") }
        return try slice(value, PythonSlice(start: from, stop: to, step: by ?? 1))
    }

    @inline(never)
    private mutating func slice(
        _ value: JinjaValue,
        _ slice: PythonSlice
    ) throws(JinjaFault) -> JinjaValue {
        switch value {
        case .list(let list):
            let positions = slice.positions(count: list.count)
            try charge(positions.count)
            return .list(JinjaList((0..<positions.count).map { list[positions[$0]] }))
        case .tuple(let list):
            let positions = slice.positions(count: list.count)
            try charge(positions.count)
            return .tuple(JinjaList((0..<positions.count).map { list[positions[$0]] }))
        case .string(let text):
            try charge(text.utf8.count / 32)
            return .string(PythonText.slice(text, slice))
        case .reference(let reference):
            guard case .range(let range) = reference.kind else { break }
            let positions = slice.positions(count: range.count)
            return .made(
                .range(
                    JinjaRange(
                        start: range.start &+ positions.start &* range.step,
                        stop: range.start &+ positions.stop &* range.step,
                        step: range.step &* positions.step,
                        count: positions.count
                    )
                )
            )
        default: break
        }
        throw JinjaFault(.value, "a \(value.typeName) cannot be sliced")
    }

    private mutating func sliceBound(
        _ expression: JinjaExpression?
    ) throws(JinjaFault) -> Int? {
        guard let expression else { return nil }
        let value = try evaluate(expression)
        if value.isNone { return nil }
        position = expression.offset
        guard case .integer(let bound) = JinjaNumber(value) else {
            throw JinjaFault(
                .value,
                "the bounds of a slice are integers or none, not \(value.typeName)"
            )
        }
        return bound
    }
}
