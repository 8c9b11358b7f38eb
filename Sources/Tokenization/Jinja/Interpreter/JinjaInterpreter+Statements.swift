extension JinjaInterpreter {
    /// How a statement list ended.
    enum Flow { case normal, breaking, continuing }

    mutating func execute(_ body: [JinjaStatement]) throws(JinjaFault) -> Flow {
        for statement in body {
            switch statement {
            case .text(let text): try emit(text)
            case .output(let expression): try emit(try text(of: try evaluate(expression)))
            case .set(let target, let expression): try assign(target, try evaluate(expression))
            case .breakLoop: return .breaking
            case .continueLoop: return .continuing
            default:
                try charge(1)
                try enter()
                defer { leave() }
                let flow = try executeBlock(statement)
                if flow != .normal { return flow }
            }
        }
        return .normal
    }

    private mutating func executeBlock(_ statement: JinjaStatement) throws(JinjaFault) -> Flow {
        switch statement {
        case .conditional(let branches, let otherwise):
            for branch in branches {
                if try evaluate(branch.test).isTrue { return try execute(branch.body) }
            }
            return try execute(otherwise)
        case .loop(let loop): try runLoop(loop)
        case .macro(let macro): try define(macro)
        case .call(let macro, let call): try runCallBlock(macro, call)
        case .filter(let filter, let body): return try runFilterBlock(filter, body)
        case .setBlock(let target, let filter, let body):
            return try runSetBlock(target, filter, body)
        case .with(let bindings, let body): return try runWith(bindings, body)
        case .scope(let body):
            return try withScope(over: scope) { interpreter throws(JinjaFault) in
                try interpreter.execute(body)
            }
        case .text, .output, .set, .breakLoop, .continueLoop:
            return try execute([statement])
        }
        return .normal
    }

    private mutating func runWith(
        _ bindings: [(JinjaTarget, JinjaExpression)],
        _ body: [JinjaStatement]
    ) throws(JinjaFault) -> Flow {
        // Every value is computed outside: names bound here are not seen by their neighbours.
        var values: [JinjaValue] = []
        for (_, expression) in bindings { values.append(try evaluate(expression)) }
        return try withScope(over: scope) { interpreter throws(JinjaFault) in
            for (binding, value) in zip(bindings, values) {
                try interpreter.assign(binding.0, value)
            }
            return try interpreter.execute(body)
        }
    }

    /// The output of `body` in a scope of its own, and how it ended.
    private mutating func capturedText(
        of body: [JinjaStatement]
    ) throws(JinjaFault) -> (text: String, flow: Flow) {
        var flow = Flow.normal
        let text = try capture { interpreter throws(JinjaFault) in
            flow = try interpreter.withScope(over: interpreter.scope) {
                inner throws(JinjaFault) in try inner.execute(body)
            }
        }
        return (text, flow)
    }

    private mutating func apply(
        _ filter: JinjaExpression,
        toText text: String
    ) throws(JinjaFault) -> JinjaValue {
        let outer = captured
        captured = .string(text)
        defer { captured = outer }
        return try evaluate(filter)
    }

    private mutating func runFilterBlock(
        _ filter: JinjaExpression,
        _ body: [JinjaStatement]
    ) throws(JinjaFault) -> Flow {
        let (text, flow) = try capturedText(of: body)
        // Leaving a loop from inside the block abandons what the block has made.
        guard flow == .normal else { return flow }
        try emit(try self.text(of: try apply(filter, toText: text)))
        return .normal
    }

    private mutating func runSetBlock(
        _ target: JinjaTarget,
        _ filter: JinjaExpression?,
        _ body: [JinjaStatement]
    ) throws(JinjaFault) -> Flow {
        let (text, flow) = try capturedText(of: body)
        guard flow == .normal else { return flow }
        if let filter {
            try assign(target, try apply(filter, toText: text))
        } else {
            try assign(target, .string(text))
        }
        return .normal
    }
}
