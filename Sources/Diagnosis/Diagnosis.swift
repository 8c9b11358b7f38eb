/// What keeps a machine from serving, and what to do about it.
public struct Diagnosis: Sendable, Equatable, Encodable {
    public let machine: Machine
    /// Problems first.
    public let findings: [Finding]

    /// Whether some device can serve.
    public var canServe: Bool { machine.devices.contains(where: \.canServe) }

    /// Judges a machine; looks at nothing else.
    public init(of machine: Machine) {
        self.machine = machine
        let judged =
            Self.loader(machine) + Self.drivers(machine) + Self.devices(machine)
            + Self.cards(machine)
        findings =
            judged.filter { $0.severity == .problem } + judged.filter { $0.severity == .warning }
    }

    private static func loader(_ machine: Machine) -> [Finding] {
        guard case .missing(let reason) = machine.loader else { return [] }
        return [
            Finding(
                .problem,
                "The Vulkan loader cannot be opened: \(reason).",
                [
                    "Install it: apt-get install libvulkan1 (Debian, Ubuntu), dnf install "
                        + "vulkan-loader (Fedora), apk add vulkan-loader (Alpine)."
                ]
            )
        ]
    }

    /// Devices as the loader lists them.
    private static func devices(_ machine: Machine) -> [Finding] {
        var findings: [Finding] = []
        let serves = machine.devices.contains(where: \.canServe)
        if let problem = machine.enumerationProblem {
            findings.append(
                Finding(
                    .problem,
                    "The loader cannot list devices: \(problem)",
                    ["VK_LOADER_DEBUG=error,driver pumice devices shows what the drivers say."]
                )
            )
        }
        for device in machine.devices where !device.canServe {
            findings.append(
                Finding(
                    serves ? .warning : .problem,
                    "\(device.name) cannot serve: its driver (\(device.driver)) lacks "
                        + device.missingFeatures.joined(separator: ", ") + ".",
                    [
                        "Install a newer driver; the README's \"Where it runs\" lists what is "
                            + "required. If the newest one lacks it too, the device is too old."
                    ]
                )
            )
        }
        return findings
    }

    private enum CodingKeys: CodingKey { case canServe, findings, machine }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(canServe, forKey: .canServe)
        try container.encode(findings, forKey: .findings)
        try container.encode(machine, forKey: .machine)
    }
}
