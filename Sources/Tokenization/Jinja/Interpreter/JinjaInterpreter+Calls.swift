extension JinjaInterpreter {
    @inline(never)
    mutating func evaluateCall(
        _ callee: JinjaExpression,
        _ written: JinjaCallArguments,
        at offset: Int32
    ) throws(JinjaFault) -> JinjaValue {
        // `text.strip()` is by far the commonest call: no bound method is made for it.
        if case .attribute(let base, let attribute) = callee.node, let method = attribute.method {
            let receiver = try evaluate(base)
            position = callee.offset
            if receiver.isUndefined { throw undefined(base) }
            if method.exists(on: receiver) && method.isAllowed(on: receiver) {
                let arguments = try evaluate(written)
                position = offset
                return try checked(try call(method, on: receiver, arguments))
            }
        }
        let function = try evaluate(callee)
        let arguments = try evaluate(written)
        position = offset
        return try checked(try call(function, arguments, named: callee))
    }

    @inline(never)
    mutating func call(
        _ function: JinjaValue,
        _ arguments: JinjaArguments,
        named callee: JinjaExpression
    ) throws(JinjaFault) -> JinjaValue {
        if case .undefined = function { throw missing(callee) }
        guard case .reference(let reference) = function else {
            throw JinjaFault(
                .value,
                "'\(describe(callee))' is \(function.typeName) and cannot be called"
            )
        }
        switch reference.kind {
        case .function(let function): return try call(function, arguments)
        case .method(let receiver, let name): return try call(name, on: receiver, arguments)
        case .macro(let index): return try callMacro(index, arguments)
        case .loop(let slot, let serial):
            let bound = try arguments.bind(to: "loop", ["iterable"], required: 1)
            return try recurse(slot: slot, serial: serial, over: bound[0])
        case .joiner(let index):
            try arguments.refuseKeywords(of: "joiner")
            let joiner = joiners[index]
            joiners[index].isUsed = true
            return joiner.isUsed ? joiner.separator : ""
        default:
            throw JinjaFault(
                .value,
                "'\(describe(callee))' is a \(reference.typeName) and cannot be called"
            )
        }
    }

    /// Why a call found nothing to call.
    @inline(never)
    private func missing(_ callee: JinjaExpression) -> JinjaFault {
        let name = describe(callee)
        if case .attribute(_, let attribute) = callee.node, attribute.name.hasPrefix("_") {
            return JinjaFault(.security, "'\(name)' is private and cannot be called")
        }
        if case .attribute(_, let attribute) = callee.node, let method = attribute.method,
            !method.isAllowed(on: .list([])) || !method.isAllowed(on: .object([:]))
        {
            return JinjaFault(
                .security,
                "'\(name)' is undefined or would change a value, which templates may "
                    + "not do: build a new one with '+' or a namespace"
            )
        }
        return JinjaFault(.undefined, "'\(name)' is undefined and cannot be called")
    }

    @inline(never)
    private mutating func call(
        _ function: JinjaFunction,
        _ arguments: JinjaArguments
    ) throws(JinjaFault) -> JinjaValue {
        switch function {
        case .range: return try makeRange(arguments)
        case .dict: return try checked(.object(try makeObject(arguments, for: "dict")))
        case .namespace:
            let fields = try makeObject(arguments, for: "namespace")
            try charge(32)
            namespaces.append(JinjaObject())
            for entry in fields.entries {
                guard case .string(let name) = entry.key else { continue }
                try setField(name, ofNamespace: namespaces.count - 1, to: entry.value)
            }
            return .made(.namespace(namespaces.count - 1))
        case .cycler:
            try arguments.refuseKeywords(of: "cycler")
            guard !arguments.positional.isEmpty else {
                throw JinjaFault(.value, "cycler() needs at least one value")
            }
            try charge(32)
            for value in arguments.positional { _ = try checked(value) }
            cyclers.append((arguments.positional, 0))
            return .made(.cycler(cyclers.count - 1))
        case .joiner:
            let bound = try arguments.bind(to: "joiner", ["sep"])
            try charge(32)
            joiners.append((bound.isGiven(0) ? try checked(bound[0]) : ", ", false))
            return .made(.joiner(joiners.count - 1))
        case .raiseException:
            let bound = try arguments.bind(to: "raise_exception", ["message"], required: 1)
            throw JinjaFault(.raised, try text(of: bound[0]))
        case .strftimeNow:
            let bound = try arguments.bind(to: "strftime_now", ["format"], required: 1)
            return try string(clock.now().formatted(try bound.string(0)))
        }
    }

    private mutating func makeRange(_ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue {
        try arguments.refuseKeywords(of: "range")
        let bound = try arguments.bind(to: "range", ["start", "stop", "step"], required: 1)
        let isSingle = !bound.isGiven(1)
        guard
            let range = JinjaRange(
                from: isSingle ? 0 : try bound.integer(0),
                to: try bound.integer(isSingle ? 0 : 1),
                by: try bound.integer(2, default: 1)
            )
        else { throw JinjaFault(.value, "range() needs a step that is not 0 and smaller bounds") }
        guard range.count <= limits.rangeCount else {
            throw JinjaFault(
                .limit,
                "a range has at most \(limits.rangeCount) elements, not \(range.count)"
            )
        }
        return .made(.range(range))
    }

    /// Python's `dict(…)`: an object or pairs, then names with values.
    private mutating func makeObject(
        _ arguments: JinjaArguments,
        for callee: String
    ) throws(JinjaFault) -> JinjaObject {
        var object = JinjaObject()
        guard arguments.positional.count <= 1 else {
            throw JinjaFault(.value, "\(callee)() takes one object and names with values")
        }
        if let source = arguments.positional.first {
            if case .object(let given) = source {
                object = given
            } else {
                for pair in try elements(of: source) {
                    let halves = try elements(of: pair)
                    guard halves.count == 2 else {
                        throw JinjaFault(.value, "\(callee)() needs pairs of a key and a value")
                    }
                    object.set(try hashable(halves[0]), to: halves[1])
                }
            }
        }
        for (name, value) in arguments.keywords { object.set(.string(name), to: value) }
        return object
    }
}
