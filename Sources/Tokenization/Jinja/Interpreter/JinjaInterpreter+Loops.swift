/// What `loop` knows.
struct JinjaLoopState {
    let serial: Int
    let loop: JinjaLoop
    /// The variables around the loop, for recursion.
    let scope: JinjaScope?
    let elements: [JinjaValue]
    var index = 0
    let depth: Int
    /// The arguments of the last `loop.changed(…)`.
    var lastChanged: [JinjaValue]?
}

extension JinjaInterpreter {
    mutating func runLoop(_ loop: JinjaLoop) throws(JinjaFault) {
        let iterable = try evaluate(loop.iterable)
        position = loop.iterable.offset
        try run(loop, over: iterable, depth: 0)
    }

    /// `loop(children)`: the loop's own body again, for other elements, as text.
    mutating func recurse(
        slot: Int,
        serial: Int,
        over iterable: JinjaValue
    ) throws(JinjaFault) -> JinjaValue {
        let state = try loopState(slot: slot, serial: serial)
        guard state.loop.isRecursive else {
            throw JinjaFault(
                .value,
                "this loop cannot be called: write 'recursive' at the end of its 'for'"
            )
        }
        try enter(Self.callDepth)
        defer { leave(Self.callDepth) }
        let outer = scope
        scope = state.scope
        defer { scope = outer }
        let text = try capture { interpreter throws(JinjaFault) in
            try interpreter.run(state.loop, over: iterable, depth: state.depth + 1)
        }
        return .string(text)
    }

    func loopState(slot: Int, serial: Int) throws(JinjaFault) -> JinjaLoopState {
        guard loops.indices.contains(slot), loops[slot].serial == serial else {
            throw JinjaFault(.value, "this 'loop' has ended: use it inside its own 'for' only")
        }
        return loops[slot]
    }

    private mutating func run(
        _ loop: JinjaLoop,
        over iterable: JinjaValue,
        depth: Int
    ) throws(JinjaFault) {
        var elements = try elements(of: iterable)
        if let condition = loop.condition {
            elements = try filtered(elements, by: condition, of: loop)
        }
        let outer = scope
        let inner = JinjaScope(parent: outer)
        scope = inner
        defer { scope = outer }
        let completed =
            loop.usesLoop
            ? try runTracked(loop, elements, scope: inner, depth: depth)
            : try runPlain(loop, elements, scope: inner)
        guard !completed, !loop.otherwise.isEmpty else { return }
        scope = JinjaScope(parent: outer)
        _ = try execute(loop.otherwise)
    }

    /// Returns whether any pass reached the end of the body: as in Jinja, `else` runs if none did,
    /// also when the only pass ended in `break` or `continue`.
    private mutating func runPlain(
        _ loop: JinjaLoop,
        _ elements: [JinjaValue],
        scope inner: JinjaScope
    ) throws(JinjaFault) -> Bool {
        var completed = false
        for element in elements {
            try charge(1)
            inner.removeAll()
            try assign(loop.target, element)
            switch try execute(loop.body) {
            case .normal: completed = true
            case .continuing: continue
            case .breaking: return completed
            }
        }
        return completed
    }

    private mutating func runTracked(
        _ loop: JinjaLoop,
        _ elements: [JinjaValue],
        scope inner: JinjaScope,
        depth: Int
    ) throws(JinjaFault) -> Bool {
        let slot = loops.count
        loopSerial += 1
        let handle = JinjaValue.made(.loop(slot: slot, serial: loopSerial))
        loops.append(
            JinjaLoopState(
                serial: loopSerial,
                loop: loop,
                scope: inner.parent,
                elements: elements,
                depth: depth
            )
        )
        defer { loops.removeLast() }
        var completed = false
        for (index, element) in elements.enumerated() {
            try charge(1)
            loops[slot].index = index
            inner.removeAll()
            inner.set(program.symbols.loop, to: handle)
            try assign(loop.target, element)
            switch try execute(loop.body) {
            case .normal: completed = true
            case .continuing: continue
            case .breaking: return completed
            }
        }
        return completed
    }

    private mutating func filtered(
        _ elements: [JinjaValue],
        by condition: JinjaExpression,
        of loop: JinjaLoop
    ) throws(JinjaFault) -> [JinjaValue] {
        let outer = scope
        let inner = JinjaScope(parent: outer)
        scope = inner
        defer { scope = outer }
        var kept: [JinjaValue] = []
        for element in elements {
            try charge(1)
            inner.removeAll()
            try assign(loop.target, element)
            if try evaluate(condition).isTrue { kept.append(element) }
        }
        return kept
    }
}

// MARK: - The `loop` variable

extension JinjaInterpreter {
    func loopAttribute(
        _ name: String,
        slot: Int,
        serial: Int
    ) throws(JinjaFault) -> JinjaValue {
        let state = try loopState(slot: slot, serial: serial)
        let count = state.elements.count
        switch name {
        case "index": return .integer(state.index + 1)
        case "index0": return .integer(state.index)
        case "revindex": return .integer(count - state.index)
        case "revindex0": return .integer(count - state.index - 1)
        case "first": return .bool(state.index == 0)
        case "last": return .bool(state.index == count - 1)
        case "length": return .integer(count)
        case "depth": return .integer(state.depth + 1)
        case "depth0": return .integer(state.depth)
        case "previtem":
            return state.index > 0 ? state.elements[state.index - 1] : .undefined
        case "nextitem":
            return state.index + 1 < count ? state.elements[state.index + 1] : .undefined
        case "cycle", "changed":
            let method: JinjaMethod = name == "cycle" ? .cycle : .changed
            return .made(
                .method(receiver: .made(.loop(slot: slot, serial: serial)), name: method)
            )
        default: return .undefined
        }
    }

    mutating func callLoopMethod(
        _ method: JinjaMethod,
        slot: Int,
        serial: Int,
        _ arguments: JinjaArguments
    ) throws(JinjaFault) -> JinjaValue {
        try arguments.refuseKeywords(of: "loop.\(method.rawValue)")
        let state = try loopState(slot: slot, serial: serial)
        let values = arguments.positional
        if method == .cycle {
            guard !values.isEmpty else {
                throw JinjaFault(.value, "loop.cycle() needs at least one value")
            }
            return values[state.index % values.count]
        }
        try charge(values.reduce(0) { $0 + $1.weight })
        if state.lastChanged == values { return .bool(false) }
        loops[slot].lastChanged = values
        return .bool(true)
    }
}
