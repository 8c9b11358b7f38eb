/// Why a template did not compile or did not render, and where.
public struct JinjaError: Error, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable {
        /// The template is not Jinja.
        case syntax
        /// The template itself refused, through `raise_exception`.
        case raised
        /// A name, attribute or element that is not there was used.
        case undefined
        /// An operation on a value of the wrong type or out of its domain.
        case value
        /// Something the sandbox forbids.
        case security
        /// A limit that keeps templates from eating the server.
        case limit
        /// Jinja, but not offered here.
        case unsupported
    }

    public let kind: Kind
    /// What is wrong and what to do about it, without the place.
    public let message: String
    /// Both count from 1; the column counts Unicode scalars.
    public let line: Int
    public let column: Int

    public var description: String {
        "line \(line), column \(column): \(message)"
    }
}

/// A failure that does not know its place yet: leaf functions throw it, the parser and the
/// interpreter add the position they are at.
package struct JinjaFault: Error, Sendable {
    package let kind: JinjaError.Kind
    package let message: String

    package init(_ kind: JinjaError.Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    package func located(at offset: Int, in source: [Unicode.Scalar]) -> JinjaError {
        var line = 1
        var column = 1
        for scalar in source.prefix(offset) {
            if scalar == "\n" {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        return JinjaError(kind: kind, message: message, line: line, column: column)
    }
}
