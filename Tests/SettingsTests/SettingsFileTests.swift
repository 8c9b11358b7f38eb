import Settings
import Testing

/// The part of YAML that files of settings are written in.
@Suite struct SettingsFileTests {
    private static let flags = [
        Flag("a", .value), Flag("b-c", .value), Flag("list", .list),
        Flag("toggle", .toggle(inverse: "no-toggle")),
    ]

    private static func values(_ text: String) throws -> [String: [String]] {
        let settings = try Settings(
            flags,
            commandLine: ["--config", "f.yaml"],
            environment: [:],
            file: { (_) throws(SettingsError) in text }
        )
        return Dictionary(uniqueKeysWithValues: settings.settings.map { ($0.flag.name, $0.values) })
    }

    @Test(arguments: [
        ("", [:]), ("# nothing\n\n---\n", nil), ("---\na: 1\n", ["a": ["1"]]),
        ("a: 1", ["a": ["1"]]), ("a:   0.9   # share\r\n", ["a": ["0.9"]]),
        ("a: x#y z", ["a": ["x#y z"]]), ("a: http://h:1/p", ["a": ["http://h:1/p"]]),
        ("a: -1", ["a": ["-1"]]), ("a: 'it''s # so'", ["a": ["it's # so"]]),
        (#"a: "x\ty\"\\ #" # end"#, ["a": ["x\ty\"\\ #"]]), ("a: ''", ["a": [""]]),
        ("a:\nb-c: 2", ["b-c": ["2"]]), ("a: ~\nb-c: null", [:]),
        ("list: [x, 'y, z',w ] # three", ["list": ["x", "y, z", "w"]]), ("list: []", ["list": []]),
        ("list:\n- x\n- \"y\"\nb-c: 2", ["list": ["x", "y"], "b-c": ["2"]]),
        ("list: # some\n  # of them\n  - x\n\n  - y", ["list": ["x", "y"]]),
        ("list: x", ["list": ["x"]]), ("a: ключ", ["a": ["ключ"]]),
    ] as [(String, [String: [String]]?)])
    func whatItReads(_ text: String, _ expected: [String: [String]]?) throws {
        guard let expected else {
            // A document's mark is no setting anywhere but in the first line.
            #expect(throws: SettingsError.self) { try Self.values(text) }
            return
        }
        #expect(try Self.values(text) == expected)
    }

    @Test(arguments: [
        ("a: 1\na: 2", "f.yaml:2: `a` is set twice."),
        ("x", "f.yaml:1: this is no `name: value`."), ("a:1", "f.yaml:1: a space belongs after `a:`."),
        ("\n  a: 1", "f.yaml:2: settings are not nested; a name begins its line."),
        ("- x", "f.yaml:1: a value belongs below a name."),
        ("a: 1\n- x", "f.yaml:2: a value belongs below a name."),
        ("list:\n-x", "f.yaml:2: a space belongs after `-`."),
        ("list:\n-", "f.yaml:2: a value is missing."),
        ("a: 'x", "f.yaml:1: the quote is not closed."),
        ("a: \"\\x\"", "f.yaml:1: `\\x` means nothing here."),
        ("list: [x, y", "f.yaml:1: a list ends with `]`, on the same line."),
        ("list: [x] y", "f.yaml:1: there is something after the value; quote values with signs in "
            + "them."),
        ("a: {x: 1}", "f.yaml:1: a value that begins with `{` must be quoted."),
        ("a: &x 1", "f.yaml:1: a value that begins with `&` must be quoted."),
        ("a: |", "f.yaml:1: a value that begins with `|` must be quoted."),
        ("a: b: c", "f.yaml:1: a value with a tab or with `: ` in it must be quoted."),
        ("a: [1]", "f.yaml:1: `a` takes one value."),
        ("A: 1", "f.yaml:1: there is no setting `A`; did you mean `a`?"),
        ("b_c: 1", "f.yaml:1: there is no setting `b_c`; did you mean `b-c`?"),
        ("lists: 1", "f.yaml:1: there is no setting `lists`; did you mean `list`?"),
        ("temperature: 1", "f.yaml:1: there is no setting `temperature`."),
        ("toggle: maybe", "f.yaml:1: `toggle` must be true or false, not `maybe`."),
    ])
    func whatItRefuses(_ text: String, _ message: String) {
        let error = #expect(throws: SettingsError.self) { try Self.values(text) }
        #expect(error?.description == message)
    }

    @Test func whatIsListedReadsBackTheSame() throws {
        let values = [
            "plain", "with space", "a: b", "# no comment", "it's", "\"q\"\\", "tab\t", "null", "~",
            "-1", "[x]", "", "ключ", "0.9", "x,y",
        ]
        for value in values {
            let settings = try Settings(
                Self.flags,
                commandLine: ["--a", "unused"],
                environment: [:]
            )
            #expect(settings.listing == "a: unused  # command line\n")
            let written = try Settings(
                Self.flags,
                commandLine: [],
                environment: ["PUMICE_A": value, "PUMICE_LIST": "one"]
            ).listing
            guard !value.isEmpty else { continue }
            #expect(try Self.values(written) == ["a": [value], "list": ["one"]], "\(written)")
        }
    }
}
