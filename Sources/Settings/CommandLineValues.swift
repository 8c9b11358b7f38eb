/// Which flags a command line has, and their values. It need not judge them: the command does.
struct CommandLineValues {
    /// By the flag's name; `true` or `false` for one that has no value.
    private(set) var values: [String: [String]] = [:]
    /// The file of settings it names.
    private(set) var config: String?

    init(_ arguments: [String], _ flags: [Flag]) {
        var names: [String: (flag: Flag, isOn: Bool)] = [:]
        for flag in flags {
            names[flag.name] = (flag, true)
            if case .toggle(let inverse?) = flag.kind { names[inverse] = (flag, false) }
        }
        var index = 0
        while index < arguments.count, arguments[index] != "--" {
            let parts = arguments[index].split(separator: "=", maxSplits: 1).map(String.init)
            index += 1
            guard let first = parts.first, first.hasPrefix("--") else { continue }
            let name = String(first.dropFirst(2))
            var following: [String] = []
            if parts.count == 2 {
                following = [parts[1]]
            } else {
                following = Array(arguments[index...].prefix { !$0.hasPrefix("-") })
            }
            if name == "config" { config = following.first }
            guard let (flag, isOn) = names[name] else { continue }
            switch flag.kind {
            case .toggle: values[flag.name] = [isOn ? "true" : "false"]
            case .value: values[flag.name] = Array(following.prefix(1))
            case .list: values[flag.name, default: []] += following
            }
        }
    }
}
