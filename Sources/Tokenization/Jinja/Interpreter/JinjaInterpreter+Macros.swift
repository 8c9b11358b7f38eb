extension JinjaInterpreter {
    mutating func define(_ macro: JinjaMacro) throws(JinjaFault) {
        guard let symbol = macro.symbol else { return }
        try assign(symbol, try closure(of: macro))
    }

    private mutating func closure(of macro: JinjaMacro) throws(JinjaFault) -> JinjaValue {
        try charge(32)
        macros.append(JinjaClosure(macro: macro, scope: scope))
        return .made(.macro(macros.count - 1))
    }

    /// `{% call(…) macro(…) %}`: the block's body becomes the macro's `caller`.
    mutating func runCallBlock(
        _ macro: JinjaMacro,
        _ call: JinjaExpression
    ) throws(JinjaFault) {
        guard case .call(let callee, let written) = call.node else {
            preconditionFailure("the parser lets only calls into call blocks")
        }
        let caller = try closure(of: macro)
        let function = try evaluate(callee)
        var arguments = try evaluate(written)
        arguments.keywords.append(("caller", caller))
        position = call.offset
        try emit(try text(of: try self.call(function, arguments, named: callee)))
    }

    /// Runs a macro and returns its output.
    @inline(never)
    mutating func callMacro(
        _ index: Int,
        _ given: JinjaArguments
    ) throws(JinjaFault) -> JinjaValue {
        try enter(Self.callDepth)
        defer { leave(Self.callDepth) }
        let closure = macros[index]
        let macro = closure.macro
        let inner = JinjaScope(parent: closure.scope)
        let outer = scope
        scope = inner
        defer { scope = outer }
        try bind(given, to: macro, in: inner)
        let text = try capture { interpreter throws(JinjaFault) in
            _ = try interpreter.execute(macro.body)
        }
        return .string(text)
    }

    @inline(never)
    private mutating func bind(
        _ given: JinjaArguments,
        to macro: JinjaMacro,
        in inner: JinjaScope
    ) throws(JinjaFault) {
        var arguments = given
        var missing: [JinjaMacro.Parameter] = []
        for (index, parameter) in macro.parameters.enumerated() {
            if index < arguments.positional.count {
                inner.set(parameter.symbol, to: try checked(arguments.positional[index]))
            } else if let value = arguments.takeKeyword(parameter.name) {
                inner.set(parameter.symbol, to: try checked(value))
            } else {
                inner.set(parameter.symbol, to: .undefined)
                missing.append(parameter)
            }
        }
        let ownsCaller = macro.parameters.contains { $0.symbol == program.symbols.caller }
        if macro.usesCaller, !ownsCaller {
            let caller = arguments.takeKeyword("caller") ?? .undefined
            inner.set(program.symbols.caller, to: caller.isNone ? .undefined : caller)
        }
        try bindRest(arguments, of: macro, in: inner)
        // Defaults see the parameters bound so far, as in Jinja.
        for parameter in missing {
            guard let expression = parameter.defaultValue else { continue }
            inner.set(parameter.symbol, to: try checked(try evaluate(expression)))
        }
    }

    @inline(never)
    private mutating func bindRest(
        _ arguments: JinjaArguments,
        of macro: JinjaMacro,
        in inner: JinjaScope
    ) throws(JinjaFault) {
        let title = macro.name.isEmpty ? "this call block" : "the macro '\(macro.name)'"
        if macro.usesKeywords {
            var object = JinjaObject()
            for (name, value) in arguments.keywords { object.set(.string(name), to: value) }
            inner.set(program.symbols.keywords, to: try checked(.object(object)))
        } else if let first = arguments.keywords.first {
            throw JinjaFault(.value, "\(title) takes no argument called '\(first.name)'")
        }
        let extra = arguments.positional.dropFirst(macro.parameters.count)
        if macro.usesVariadics {
            inner.set(
                program.symbols.variadics,
                to: try checked(.tuple(JinjaList(Array(extra))))
            )
        } else if !extra.isEmpty {
            throw JinjaFault(
                .value,
                "\(title) takes at most \(macro.parameters.count) arguments, "
                    + "not \(arguments.positional.count)"
            )
        }
    }

    func macroAttribute(_ name: String, of index: Int) -> JinjaValue {
        let macro = macros[index].macro
        switch name {
        case "name": return macro.name.isEmpty ? .none : .string(macro.name)
        case "arguments":
            return .tuple(JinjaList(macro.parameters.map { .string($0.name) }))
        case "caller": return .bool(macro.usesCaller)
        case "catch_kwargs": return .bool(macro.usesKeywords)
        case "catch_varargs": return .bool(macro.usesVariadics)
        default: return .undefined
        }
    }
}
