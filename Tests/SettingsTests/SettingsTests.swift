import Settings
import Testing

@Suite struct SettingsTests {
    private static let flags = [
        Flag("max-num-seqs", .value), Flag("port", .value), Flag("api-key", .list),
        Flag("model", .value), Flag("validation", .toggle(inverse: nil)),
        Flag("enable-prefix-caching", .toggle(inverse: "no-enable-prefix-caching")),
    ]

    private static func settings(
        _ commandLine: [String] = [],
        _ environment: [String: String] = [:],
        file: String? = nil
    ) throws -> Settings {
        try Settings(
            flags,
            commandLine: commandLine,
            environment: file == nil
                ? environment : environment.merging(["PUMICE_CONFIG": "f"]) { $1 },
            file: { (_) throws(SettingsError) in file ?? "" }
        )
    }

    @Test func theCommandLineCountsBeforeVariablesAndTheseBeforeTheFile() throws {
        let file = "max-num-seqs: 1\nport: 1\nmodel: file.gguf\n"
        let variables = ["PUMICE_MAX_NUM_SEQS": "2", "PUMICE_PORT": "2", "OTHER": "x"]
        let settings = try Self.settings(["--port", "3"], variables, file: file)
        #expect(
            settings.listing == """
                max-num-seqs: 2  # PUMICE_MAX_NUM_SEQS
                port: 3  # command line
                model: file.gguf  # f:3

                """
        )
        #expect(
            settings.arguments
                == ["--max-num-seqs=2", "--model=file.gguf", "--port", "3"]
        )
    }

    @Test(arguments: [
        ["--port=3"], ["--port", "3"], ["--validation", "--port", "3", "--api-key", "a", "b"],
    ])
    func howeverAFlagIsGivenItIsSeen(_ commandLine: [String]) throws {
        let settings = try Self.settings(commandLine, ["PUMICE_PORT": "2"])
        #expect(settings.arguments == commandLine)
    }

    @Test func listsAreReplacedAndNotAdded() throws {
        let file = "api-key: [file]"
        let variables = ["PUMICE_API_KEY": "one, two,"]
        #expect(try Self.settings([], [:], file: file).arguments == ["--api-key=file"])
        #expect(
            try Self.settings([], variables, file: file).arguments
                == ["--api-key=one", "--api-key=two"]
        )
        let both = try Self.settings(["--api-key", "x", "y", "--port", "1"], variables, file: file)
        #expect(both.arguments == ["--api-key", "x", "y", "--port", "1"])
        #expect(both.settings.first { $0.flag.name == "api-key" }?.values == ["x", "y"])
    }

    @Test(arguments: [
        ("true", ["--enable-prefix-caching"]), ("ON", ["--enable-prefix-caching"]),
        ("0", ["--no-enable-prefix-caching"]), ("No", ["--no-enable-prefix-caching"]),
    ])
    func togglesHaveInverses(_ value: String, _ arguments: [String]) throws {
        let variables = ["PUMICE_ENABLE_PREFIX_CACHING": value]
        #expect(try Self.settings([], variables).arguments == arguments)
        for flag in ["--enable-prefix-caching", "--no-enable-prefix-caching"] {
            #expect(try Self.settings([flag], variables).arguments == [flag])
        }
        #expect(try Self.settings([], ["PUMICE_VALIDATION": "false"]).arguments.isEmpty)
    }

    @Test func aVariableThatIsNoneOfOursIsLeftAlone() throws {
        // Kubernetes sets this one in the pods beside a service called pumice.
        let link = ["PUMICE_PORT": "tcp://10.0.0.1:8000", "PUMICE_SERVICE_HOST": "10.0.0.1"]
        #expect(try Self.settings([], link).arguments.isEmpty)
        #expect(try Self.settings([], ["PUMICE_PORT": ""]).arguments.isEmpty)
    }

    @Test func secretsAreNotListed() throws {
        let settings = try Self.settings(
            ["--api-key", "secret-1"],
            ["PUMICE_MODEL": "https://host/m.gguf?signature=secret-2"]
        )
        #expect(!settings.listing.contains("secret"))
        #expect(settings.listing.contains("api-key: [\"***\"]"))
        #expect(settings.arguments.contains { $0.contains("secret-2") })
    }

    @Test func aFileThatCannotBeReadIsSaid() {
        for commandLine in [["--config", "/no/such"], ["--config=/no/such"]] {
            let error = #expect(throws: SettingsError.self) {
                try Settings(Self.flags, commandLine: commandLine, environment: [:])
            }
            #expect(error?.description.hasPrefix("/no/such cannot be read") == true)
        }
    }

    @Test func flagsAreReadFromTheDumpedHelp() throws {
        func argument(_ kind: String, _ name: String, _ isRepeating: Bool = false) -> String {
            #"{"kind":"\#(kind)","isRepeating":\#(isRepeating),"names":[{"kind":"short","name":"s"},"#
                + #"{"kind":"long","name":"\#(name)"}]}"#
        }
        let arguments = [
            argument("option", "port"), argument("option", "api-key", true),
            argument("flag", "cache"), argument("flag", "no-cache"), argument("flag", "dry"),
            argument("flag", "help"), argument("option", "config"),
        ]
        let text = #"{"command":{"arguments":[\#(arguments.joined(separator: ","))]}}"#
        #expect(
            try Flag.all(inDumpedHelp: text) == [
                Flag("port", .value), Flag("api-key", .list),
                Flag("cache", .toggle(inverse: "no-cache")), Flag("dry", .toggle(inverse: nil)),
            ]
        )
        #expect(Flag("max-num-seqs", .value).variable == "PUMICE_MAX_NUM_SEQS")
    }
}
