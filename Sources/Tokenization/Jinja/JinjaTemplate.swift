/// A compiled Jinja template: parse once, render as often and on as many threads as you like.
///
/// The language is that of jinja2 3.1 as Hugging Face's `apply_chat_template` configures it: the
/// immutable sandbox, `trim_blocks`, `lstrip_blocks`, loop controls, `raise_exception`,
/// `strftime_now`, and a `tojson` that does not escape for HTML. What needs several files or
/// escaping (`include`, `import`, `extends`, `block`, `autoescape`) is refused by name.
public struct JinjaTemplate: Sendable {
    private let program: JinjaProgram

    /// Throws a `JinjaError` with the place of the first mistake.
    public init(_ source: String, limits: JinjaLimits = JinjaLimits()) throws(JinjaError) {
        program = try JinjaParser.parse(source, limits: limits)
    }

    /// The text that the template makes of `variables`.
    public func render(_ variables: [String: JinjaValue]) throws(JinjaError) -> String {
        try render(variables, clock: .system)
    }

    package func render(
        _ variables: [String: JinjaValue],
        clock: WallClock
    ) throws(JinjaError) -> String {
        var interpreter = JinjaInterpreter(program, clock: clock)
        do {
            try interpreter.define(variables)
            return try interpreter.run()
        } catch {
            throw error.located(at: Int(interpreter.position), in: program.source)
        }
    }
}
