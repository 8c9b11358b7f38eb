import Foundation

extension Diagnosis: CustomStringConvertible {
    /// The diagnosis for people: what was seen, then what to do, then the verdict.
    public var description: String {
        let parts = [
            section("Vulkan loader", [loader]), section("Drivers", drivers),
            section("Devices", machine.devices.enumerated().flatMap(device)),
            section("Device nodes", machine.nodes.map(node)),
            section("GPUs on the PCI bus", machine.cards.map(card)),
            section("Process", process), section("Findings", findings.flatMap(finding)),
        ]
        return (parts + [verdict]).joined(separator: "\n")
    }

    private func section(_ title: String, _ lines: [String]) -> String {
        "\(title)\n" + (lines.isEmpty ? ["none"] : lines).map { "  \($0)\n" }.joined()
    }

    private var loader: String {
        switch machine.loader {
        case .found(let path, let version): "\(path), Vulkan \(version)"
        case .missing(let reason): "missing: \(reason)"
        }
    }

    private var drivers: [String] {
        machine.manifests.flatMap { manifest in
            switch manifest.content {
            case .opens(_, let path): ["ok      \(manifest.path)", "        \(path)"]
            case .fails(let library, let reason):
                ["broken  \(manifest.path)", "        \(library): \(reason)"]
            case .unreadable(let reason): ["broken  \(manifest.path)", "        \(reason)"]
            }
        }
    }

    private func device(_ index: Int, _ device: Machine.Device) -> [String] {
        var lines = [
            "\(index): \(device.name), \(device.kind)",
            "   driver    \(device.driver), Vulkan \(device.vulkanVersion)",
            "   required  "
                + (device.canServe
                    ? "everything is there"
                    : "lacks " + device.missingFeatures.joined(separator: ", ")),
            "   has       " + list(device.optionalFeatures),
            "   without   " + list(device.absentFeatures),
        ]
        for memory in device.memory {
            let available = memory.availableByteCount.map { ", \(size($0)) available" } ?? ""
            lines.append(
                "   memory    \(size(memory.byteCount))\(available)"
                    + (memory.isDeviceLocal ? "" : ", the host's")
            )
        }
        return lines
    }

    private func list(_ words: [String]) -> String {
        words.isEmpty ? "nothing" : words.joined(separator: ", ")
    }

    private func size(_ byteCount: Int) -> String {
        String(format: "%.1f GiB", Double(byteCount) / Double(1 << 30))
    }

    private func node(_ node: DeviceNode) -> String {
        let group = node.groupName.map { "\($0) (\(node.group))" } ?? "\(node.group)"
        return "\(node.path), \(node.modeText), group \(group): \(node.problem ?? "opens")"
    }

    private func card(_ card: GraphicsCard) -> String {
        "\(card.words), kernel driver \(card.kernelDriver ?? "none")"
    }

    private var process: [String] {
        let groups = machine.user.groups.map(String.init).joined(separator: ", ")
        let surroundings = machine.surroundings
        return ["user \(machine.user.id), groups \(groups)"]
            + [surroundings.container.map { "in a container (\($0))" } ?? "in no container"]
            + (surroundings.nvidiaModule.map { ["NVIDIA's kernel module \($0)"] } ?? [])
            + surroundings.variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    }

    private func finding(_ finding: Finding) -> [String] {
        ["\(finding.severity.rawValue): \(finding.text)"] + finding.remedies.map { "    \($0)" }
    }

    private var verdict: String {
        guard
            let device = machine.devices.first(where: { $0.canServe && !$0.isCPU })
                ?? machine.devices.first(where: \.canServe)
        else { return "Pumice cannot serve on this machine." }
        return "Pumice can serve on \(device.name)\(device.isCPU ? ", a CPU driver" : "")."
    }
}
