/// The variables of one block. Macros keep the scope they were made in, hence the class.
final class JinjaScope {
    let parent: JinjaScope?
    private var symbols: [Int] = []
    private var values: [JinjaValue] = []

    init(parent: JinjaScope?) { self.parent = parent }

    func value(of symbol: Int) -> JinjaValue? {
        // Scopes hold a handful of names: searching beats hashing.
        for (index, candidate) in symbols.enumerated() where candidate == symbol {
            return values[index]
        }
        return nil
    }

    func set(_ symbol: Int, to value: JinjaValue) {
        if let index = symbols.firstIndex(of: symbol) {
            values[index] = value
        } else {
            symbols.append(symbol)
            values.append(value)
        }
    }

    func removeAll() {
        symbols.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
    }
}

/// A macro together with the variables it can see.
struct JinjaClosure {
    let macro: JinjaMacro
    let scope: JinjaScope?
}

// MARK: - Variables

extension JinjaInterpreter {
    func lookup(_ symbol: Int) -> JinjaValue {
        var current = scope
        while let inner = current {
            if let value = inner.value(of: symbol) { return value }
            current = inner.parent
        }
        return root[symbol] ?? .undefined
    }

    mutating func assign(_ symbol: Int, _ value: JinjaValue) throws(JinjaFault) {
        let value = try checked(value)
        if let scope { scope.set(symbol, to: value) } else { root[symbol] = value }
    }

    mutating func assign(_ target: JinjaTarget, _ value: JinjaValue) throws(JinjaFault) {
        switch target {
        case .name(let symbol): try assign(symbol, value)
        case .field(let symbol, let field, let offset):
            position = offset
            guard case .reference(let reference) = lookup(symbol),
                case .namespace(let index) = reference.kind
            else {
                throw JinjaFault(
                    .value,
                    "'\(program.symbols.names[symbol])' is no namespace: "
                        + "only fields of a namespace() can be set"
                )
            }
            try setField(field, ofNamespace: index, to: value)
        case .tuple(let targets):
            let elements = try elements(of: value)
            guard elements.count == targets.count else {
                throw JinjaFault(
                    .value,
                    "cannot unpack \(elements.count) values into \(targets.count) names"
                )
            }
            for (part, element) in zip(targets, elements) { try assign(part, element) }
        }
    }

    mutating func setField(
        _ field: String,
        ofNamespace index: Int,
        to value: JinjaValue
    ) throws(JinjaFault) {
        guard !field.hasPrefix("_") else {
            throw JinjaFault(
                .security,
                "a namespace cannot have the field '\(field)': drop the leading '_'"
            )
        }
        namespaces[index].set(.string(field), to: try checked(value))
    }

    /// Runs `body` with variables of its own over `parent`.
    mutating func withScope<T>(
        over parent: JinjaScope?,
        _ body: (inout JinjaInterpreter) throws(JinjaFault) -> T
    ) throws(JinjaFault) -> T {
        let outer = scope
        scope = JinjaScope(parent: parent)
        defer { scope = outer }
        return try body(&self)
    }

    /// The text that `body` puts out.
    mutating func capture(
        _ body: (inout JinjaInterpreter) throws(JinjaFault) -> Void
    ) throws(JinjaFault) -> String {
        let outer = output
        output = ""
        defer { output = outer }
        try body(&self)
        return output
    }
}
