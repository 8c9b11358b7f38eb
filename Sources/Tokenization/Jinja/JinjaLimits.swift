/// What a template may use at most. Templates come with checkpoints and from clients: neither is
/// trusted with the server's time and memory.
public struct JinjaLimits: Sendable {
    /// Unicode scalars of source.
    public var sourceLength = 1 << 20
    /// UTF-8 bytes of rendered output, and of any string made on the way.
    public var outputBytes = 16 << 20
    /// Evaluated expressions and statements, plus one for every 32 bytes of text or element made.
    public var steps = 10_000_000
    /// Nested evaluations while rendering, a macro's call counting for several; recursive macros
    /// run into it first. At this number rendering stays within a megabyte of stack.
    public var evaluationDepth = 500
    /// Brackets and blocks inside one another in the source.
    public var sourceNesting = 100
    /// Height of one expression's tree; a sum of 500 terms is that high.
    public var expressionHeight = 500
    /// Nesting of lists and objects, whether given or made.
    public var valueDepth = 128
    /// Elements of a `range()`, as in Jinja's own sandbox.
    public var rangeCount = 100_000
    /// Elements of any list made by an operation.
    public var listCount = 1_000_000

    public init() {}
}
