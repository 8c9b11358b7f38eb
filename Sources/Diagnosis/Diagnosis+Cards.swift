extension Diagnosis {
    /// GPUs on the bus that no device stands for.
    static func cards(_ machine: Machine) -> [Finding] {
        let instinct = machine.cards.filter(\.isInstinct).map { card in
            Finding(
                .warning,
                "\(card.words) has no Vulkan driver, and none is to be expected: RADV refuses the "
                    + "CDNA line and AMDVLK was discontinued.",
                ["Use a ROCm server on this card, or Pumice on another."]
            )
        }
        return instinct
            + Vendor.allCases.flatMap { vendor in
                let cards = machine.cards.filter { $0.vendor == vendor && !$0.isInstinct }
                let isServed = machine.devices.contains { $0.vendor == vendor && !$0.isCPU }
                guard let card = cards.first, !isServed else { return [Finding]() }
                return unused(card, machine)
            }
    }

    /// Why a GPU is not among the devices: what is missing on the way from the hardware up.
    private static func unused(_ card: GraphicsCard, _ machine: Machine) -> [Finding] {
        let vendor = card.vendor
        let isContained = machine.surroundings.container != nil
        let severity: Finding.Severity =
            machine.devices.contains(where: \.canServe) ? .warning : .problem
        func finding(_ text: String, _ remedies: [String]) -> Finding {
            Finding(severity, "\(card.words) is not used: \(text)", remedies)
        }
        let nodes = machine.nodes.filter { vendor == .nvidia ? $0.isNvidia : $0.isRenderNode }
        guard !nodes.isEmpty else {
            let kernel =
                "Load the kernel's driver (\(vendor.kernelDriver)): lspci -k shows which is bound, "
                + "dmesg why not."
            let passage = "Pass the device into the container: \(vendor.passage)."
            let isBound = card.kernelDriver != nil || machine.surroundings.nvidiaModule != nil
            return [
                finding(
                    "there is no device node ("
                        + (vendor == .nvidia ? "/dev/nvidiactl" : "/dev/dri/renderD*") + ").",
                    isContained ? (isBound ? [passage] : [passage, kernel]) : [kernel]
                )
            ]
        }
        let closed = nodes.filter { $0.problem != nil }
        if closed.count == nodes.count || vendor == .nvidia && !closed.isEmpty {
            return closed.prefix(1).map { node in
                finding(
                    "\(node.path) cannot be opened: \(node.problem ?? "").",
                    permission(node, machine)
                )
            }
        }
        guard machine.manifests.contains(where: { $0.vendor == vendor }) else {
            let remedy =
                isContained
                ? containerDriver(vendor, machine.surroundings)
                : "Install its driver: \(vendor.driverInstallation)."
            return [finding("no manifest announces a driver for it.", [remedy])]
        }
        // A driver that does not open has its own finding.
        guard machine.manifests.contains(where: { $0.vendor == vendor && $0.isUsable }) else {
            return []
        }
        return [
            finding(
                "its driver opens and lists no device.",
                [
                    "The kernel's driver and Vulkan's may not fit each other, or the card is too "
                        + "old or too new for this release: VK_LOADER_DEBUG=error,driver pumice "
                        + "devices shows what the driver says."
                ]
            )
        ]
    }

    private static func permission(_ node: DeviceNode, _ machine: Machine) -> [String] {
        let group = node.groupName.map { "\($0) (\(node.group))" } ?? "\(node.group)"
        guard !machine.user.groups.contains(node.group) else {
            return [
                "The group is right, so something else forbids it: the container's device rules "
                    + "(pass the device with --device or by its Kubernetes resource), SELinux or "
                    + "AppArmor."
            ]
        }
        guard machine.surroundings.container != nil else {
            let name = node.groupName ?? "\(node.group)"
            return [
                "User \(machine.user.id) is not in group \(group): sudo usermod -aG \(name) $USER, "
                    + "and log in again."
            ]
        }
        return [
            "User \(machine.user.id) is not in group \(group): gpu.renderGroup: \(node.group) in "
                + "the chart's values, or docker run --group-add \(node.group)."
        ]
    }

    private static func containerDriver(
        _ vendor: Vendor,
        _ surroundings: Machine.Surroundings
    ) -> String {
        guard vendor == .nvidia else {
            return
                "This image has no driver for it: use one with Mesa, such as our flavour universal."
        }
        let capabilities = surroundings.variables["NVIDIA_DRIVER_CAPABILITIES"]
        let mounts = capabilities.map { text in
            text.split(separator: ",").contains { $0 == "graphics" || $0 == "all" }
        }
        return mounts == true
            ? "The container toolkit mounts what the node has: install the driver's graphics "
                + "libraries there (\(vendor.driverInstallation))."
            : "Set NVIDIA_DRIVER_CAPABILITIES=compute,graphics,utility (it is "
                + "\(capabilities ?? "not set")): Vulkan counts as graphics."
    }
}
