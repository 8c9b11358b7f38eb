// Calls of methods that `JinjaMethod.exists(on:)` and the sandbox let through.

extension JinjaInterpreter {
    @inline(never)
    mutating func call(
        _ method: JinjaMethod,
        on receiver: JinjaValue,
        _ arguments: JinjaArguments
    ) throws(JinjaFault) -> JinjaValue {
        switch receiver {
        case .string(let text):
            try charge(text.utf8.count / 32)
            return try callTextMethod(method, on: text, arguments)
        case .object(let object): return try call(method, on: object, arguments)
        case .list(let list), .tuple(let list):
            if method == .copy { return receiver }
            return try searchElements(list.elements, method, arguments)
        case .float(let value): return .bool(value == value.rounded(.down) && value.isFinite)
        case .reference(let reference): return try call(method, on: reference, arguments)
        default:
            preconditionFailure("\(receiver.typeName) has no method \(method.rawValue)")
        }
    }

    private mutating func call(
        _ method: JinjaMethod,
        on object: JinjaObject,
        _ arguments: JinjaArguments
    ) throws(JinjaFault) -> JinjaValue {
        if method == .get {
            try arguments.refuseKeywords(of: "dict.get")
            let bound = try arguments.bind(to: "dict.get", ["key", "default"], required: 1)
            if let found = object[try hashable(bound[0])] { return found }
            return bound.isGiven(1) ? bound[1] : .none
        }
        _ = try arguments.bind(to: "dict.\(method.rawValue)", [])
        switch method {
        case .items: return .made(.view(.items, object))
        case .keys: return .made(.view(.keys, object))
        case .values: return .made(.view(.values, object))
        default: return .object(object)
        }
    }

    private mutating func call(
        _ method: JinjaMethod,
        on reference: JinjaReference,
        _ arguments: JinjaArguments
    ) throws(JinjaFault) -> JinjaValue {
        switch reference.kind {
        case .loop(let slot, let serial):
            return try callLoopMethod(method, slot: slot, serial: serial, arguments)
        case .cycler(let index):
            _ = try arguments.bind(to: "cycler.\(method.rawValue)", [])
            let current = cyclers[index].items[cyclers[index].position]
            let next = (cyclers[index].position + 1) % cyclers[index].items.count
            cyclers[index].position = method == .next ? next : 0
            return method == .next ? current : .none
        default:
            let elements = try elements(of: .reference(reference))
            return try searchElements(elements, method, arguments)
        }
    }

    /// `list.index` and `list.count`.
    private mutating func searchElements(
        _ elements: [JinjaValue],
        _ method: JinjaMethod,
        _ arguments: JinjaArguments
    ) throws(JinjaFault) -> JinjaValue {
        let name = method.rawValue
        try arguments.refuseKeywords(of: name)
        let parameters = method == .index ? ["value", "start", "stop"] : ["value"]
        let bound = try arguments.bind(to: name, parameters, required: 1)
        let wanted = bound[0]
        try charge(elements.reduce(0) { $0 + min($1.weight, wanted.weight) })
        if method == .count { return .integer(elements.count { $0 == wanted }) }
        let window = PythonSlice(
            start: bound.isGiven(1) ? try bound.integer(1) : nil,
            stop: bound.isGiven(2) ? try bound.integer(2) : nil,
            step: 1
        ).positions(count: elements.count)
        for offset in 0..<window.count where elements[window[offset]] == wanted {
            return .integer(window[offset])
        }
        throw JinjaFault(.value, "index() did not find the value: test with 'in' first")
    }
}
