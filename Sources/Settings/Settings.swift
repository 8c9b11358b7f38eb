import Foundation

/// A command's settings from three places: its command line, over `PUMICE_*` variables, over a
/// file. They become one list of arguments, so that whatever checks a flag checks them all.
public struct Settings: Sendable {
    /// Where a setting was made.
    public enum Source: Sendable, Equatable {
        case commandLine
        case variable(String)
        case file(String, line: Int)
    }

    public struct Setting: Sendable, Equatable {
        public let flag: Flag
        public let values: [String]
        public let source: Source
    }

    /// What is set, in the order of the command's flags.
    public let settings: [Setting]
    /// The command line, with what the variables and the file add to it.
    public let arguments: [String]

    /// - Parameters:
    ///   - commandLine: without the command's name.
    ///   - file: the text of the file that `--config` or `PUMICE_CONFIG` names, by that name.
    /// - Throws: `SettingsError`.
    public init(
        _ flags: [Flag],
        commandLine: [String],
        environment: [String: String],
        file: (String) throws(SettingsError) -> String = SettingsFile.text
    ) throws(SettingsError) {
        let given = CommandLineValues(commandLine, flags)
        let variables = environment.filter { !$0.value.isEmpty }
        var entries: [SettingsFile.Entry] = []
        let path = given.config ?? variables["PUMICE_CONFIG"]
        if let path {
            entries = try SettingsFile(try file(path), path: path).entries
            try Self.check(entries, flags, path)
        }
        var settings: [Setting] = []
        var added: [String] = []
        for flag in flags {
            if let values = given.values[flag.name] {
                settings.append(Setting(flag: flag, values: values, source: .commandLine))
                continue
            }
            let setting: Setting
            if let value = variables[flag.variable], !Self.isServiceLink(flag, value) {
                let values = flag.kind == .list ? Self.items(value) : [value]
                setting = Setting(flag: flag, values: values, source: .variable(flag.variable))
            } else if let entry = entries.first(where: { $0.key == flag.name }), let path {
                let source = Source.file(path, line: entry.line)
                setting = Setting(flag: flag, values: entry.values, source: source)
            } else {
                continue
            }
            added += try setting.arguments()
            settings.append(setting)
        }
        self.settings = settings
        arguments = added + commandLine
    }

    private static func check(
        _ entries: [SettingsFile.Entry],
        _ flags: [Flag],
        _ path: String
    ) throws(SettingsError) {
        for entry in entries {
            guard let flag = flags.first(where: { $0.name == entry.key }) else {
                let nearest = nearestName(to: entry.key, among: flags.map(\.name))
                throw SettingsError(
                    "\(path):\(entry.line): there is no setting `\(entry.key)`"
                        + (nearest.map { "; did you mean `\($0)`?" } ?? ".")
                )
            }
            guard flag.kind == .list || !entry.isList else {
                throw SettingsError("\(path):\(entry.line): `\(entry.key)` takes one value.")
            }
        }
    }

    /// The items of a list in a variable.
    private static func items(_ value: String) -> [String] {
        value.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }
    }

    /// Kubernetes tells containers of a service called `pumice` about it by `PUMICE_PORT`.
    private static func isServiceLink(_ flag: Flag, _ value: String) -> Bool {
        flag.name == "port" && value.hasPrefix("tcp://")
    }
}

extension Settings.Setting {
    /// What the command line would have to say.
    fileprivate func arguments() throws(SettingsError) -> [String] {
        switch flag.kind {
        case .value, .list: return values.map { "--\(flag.name)=\($0)" }
        case .toggle(let inverse):
            switch values.first?.lowercased() {
            case "true", "yes", "on", "1": return ["--\(flag.name)"]
            case "false", "no", "off", "0": return inverse.map { ["--\($0)"] } ?? []
            default:
                throw SettingsError(
                    "\(source): `\(flag.name)` must be true or false, not `\(values.first ?? "")`."
                )
            }
        }
    }
}

extension Settings.Source: CustomStringConvertible {
    public var description: String {
        switch self {
        case .commandLine: "command line"
        case .variable(let name): name
        case .file(let path, let line): "\(path):\(line)"
        }
    }
}

/// A setting that cannot be taken, with the place it was made.
public struct SettingsError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
