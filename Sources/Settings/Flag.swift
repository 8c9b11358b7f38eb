import Foundation

/// A command's flag, as far as its settings need to know it.
public struct Flag: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        /// There or not; `inverse` is the name of the flag that says it is not, if there is one.
        case toggle(inverse: String?)
        case value
        /// Any number of values.
        case list
    }

    /// Its long name without dashes, which is its key in a file.
    public let name: String
    public let kind: Kind

    public init(_ name: String, _ kind: Kind) {
        self.name = name
        self.kind = kind
    }

    /// The variable that sets it: `PUMICE_MAX_NUM_SEQS` for `max-num-seqs`.
    public var variable: String {
        "PUMICE_" + name.uppercased().replacing("-", with: "_")
    }
}

extension Flag {
    /// Flags that are for a person at the command line.
    private static let others: Set<String> = ["help", "version", "config", "print-config"]

    /// The flags in what `--experimental-dump-help` prints of a command.
    public static func all(inDumpedHelp text: String) throws -> [Flag] {
        let help = try JSONDecoder().decode(DumpedHelp.self, from: Data(text.utf8))
        let arguments = help.command.arguments ?? []
        let names = Set(arguments.compactMap(\.longName))
        return arguments.compactMap { argument in
            guard let name = argument.longName, !others.contains(name) else { return nil }
            guard argument.kind == "flag" else {
                return Flag(name, argument.isRepeating ? .list : .value)
            }
            if name.hasPrefix("no-"), names.contains(String(name.dropFirst(3))) { return nil }
            let inverse = "no-" + name
            return Flag(name, .toggle(inverse: names.contains(inverse) ? inverse : nil))
        }
    }

    private struct DumpedHelp: Decodable {
        var command: Command

        struct Command: Decodable {
            var arguments: [Argument]?
        }

        struct Argument: Decodable {
            var kind: String
            var isRepeating: Bool
            var names: [Name]?

            var longName: String? { names?.first { $0.kind == "long" }?.name }
        }

        struct Name: Decodable {
            var kind: String
            var name: String
        }
    }
}
