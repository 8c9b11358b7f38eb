/// Walks the syntax tree once for one rendering.
///
/// Everything a template can change lives here: variables, the output, and the tables behind
/// `JinjaReference`. Failures are thrown without their place; `position` holds it. Not copyable, as
/// a copy made behind our back would copy those tables.
package struct JinjaInterpreter: ~Copyable {
    let program: JinjaProgram
    let limits: JinjaLimits
    let clock: WallClock

    /// Where in the source the interpreter is.
    package internal(set) var position: Int32 = 0
    /// The text made so far by the innermost block that captures its output.
    var output = ""
    /// What `{% filter %}` blocks work on.
    var captured: JinjaValue = .undefined

    /// Variables of the template itself, by symbol; inner ones are in `scope`.
    var root: [JinjaValue?]
    var scope: JinjaScope?

    var macros: [JinjaClosure] = []
    var namespaces: [JinjaObject] = []
    var loops: [JinjaLoopState] = []
    var loopSerial = 0
    var iterators: [JinjaIteratorState] = []
    var cyclers: [(items: [JinjaValue], position: Int)] = []
    var joiners: [(separator: JinjaValue, isUsed: Bool)] = []

    private var stepsLeft: Int
    private var depth = 0

    init(_ program: JinjaProgram, clock: WallClock) {
        self.program = program
        self.clock = clock
        limits = program.limits
        stepsLeft = program.limits.steps
        root = Array(repeating: nil, count: program.symbols.names.count)
        for function in JinjaFunction.allCases {
            if let symbol = program.symbols.index(ofKnown: function.rawValue) {
                root[symbol] = .made(.function(function))
            }
        }
    }

    /// Sets the variables the template is rendered with; they may hide Jinja's own functions.
    package mutating func define(_ variables: [String: JinjaValue]) throws(JinjaFault) {
        for (name, value) in variables {
            guard value.depth <= limits.valueDepth else {
                throw JinjaFault(
                    .limit,
                    "'\(name)' nests deeper than \(limits.valueDepth) levels: send flatter data"
                )
            }
            if let symbol = program.symbols.index(ofKnown: name) { root[symbol] = value }
        }
    }

    package mutating func run() throws(JinjaFault) -> String {
        _ = try execute(program.body)
        return output
    }
}

// MARK: - Limits

extension JinjaInterpreter {
    mutating func charge(_ steps: Int) throws(JinjaFault) {
        stepsLeft -= steps
        if stepsLeft < 0 {
            throw JinjaFault(
                .limit,
                "the template takes more than \(limits.steps) steps: shorten its loops"
            )
        }
    }

    /// What a call of a macro or a recursive loop counts, as it takes more stack than an operator.
    static let callDepth = 4

    /// Enters levels of recursion; every call is followed by a `leave` of as many.
    mutating func enter(_ levels: Int = 1) throws(JinjaFault) {
        guard depth + levels <= limits.evaluationDepth else {
            throw JinjaFault(
                .limit,
                "evaluation nests deeper than \(limits.evaluationDepth) levels: "
                    + "end the macro's recursion earlier"
            )
        }
        depth += levels
    }

    mutating func leave(_ levels: Int = 1) { depth -= levels }

    mutating func emit(_ text: String) throws(JinjaFault) {
        try charge(1 + text.utf8.count / 32)
        output += text
        guard output.utf8.count <= limits.outputBytes else {
            throw JinjaFault(
                .limit,
                "the output is longer than \(limits.outputBytes) bytes: send less text"
            )
        }
    }

    /// Refuses to make a text of `bytes` bytes before anything is allocated for it. `added` is what
    /// of it is new, where a text grows piece by piece.
    mutating func reserve(bytes: Int, added: Int? = nil) throws(JinjaFault) {
        guard bytes <= limits.outputBytes else {
            throw JinjaFault(
                .limit,
                "a text would be longer than \(limits.outputBytes) bytes: make it shorter"
            )
        }
        try charge(1 + max(0, added ?? bytes) / 32)
    }

    /// `a * b + c` for sizes, saturating.
    func size(_ a: Int, times b: Int, plus c: Int = 0) -> Int {
        let (product, overflow) = max(0, a).multipliedReportingOverflow(by: max(0, b))
        let (sum, carry) = product.addingReportingOverflow(c)
        return overflow || carry ? Int.max : sum
    }

    /// Refuses to make a list of `count` elements before anything is allocated for it.
    mutating func reserve(elements count: Int) throws(JinjaFault) {
        guard count <= limits.listCount else {
            throw JinjaFault(
                .limit,
                "a list would have more than \(limits.listCount) elements: make it shorter"
            )
        }
        try charge(count)
    }

    mutating func string(_ text: String) throws(JinjaFault) -> JinjaValue {
        try reserve(bytes: text.utf8.count)
        return .string(text)
    }

    /// A list made by an operation.
    mutating func list(_ elements: [JinjaValue]) throws(JinjaFault) -> JinjaValue {
        try reserve(elements: elements.count)
        return .list(JinjaList(elements))
    }

    /// A one-shot iterator over `elements`, which is what most of Jinja's filters return.
    mutating func iterator(_ elements: [JinjaValue]) throws(JinjaFault) -> JinjaValue {
        try charge(elements.count + 32)
        iterators.append(JinjaIteratorState(elements: elements[...]))
        return .made(.iterator(iterators.count - 1))
    }

    /// Refuses values that nest deeper than the limit; checked where containers are made or kept.
    func checked(_ value: JinjaValue) throws(JinjaFault) -> JinjaValue {
        guard value.depth <= limits.valueDepth else {
            throw JinjaFault(
                .limit,
                "a value nests deeper than \(limits.valueDepth) levels: keep it flatter"
            )
        }
        return value
    }
}

/// What a one-shot iterator has left.
struct JinjaIteratorState {
    var elements: ArraySlice<JinjaValue>
}
