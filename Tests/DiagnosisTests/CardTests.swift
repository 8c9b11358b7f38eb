import Diagnosis
import Testing

/// GPUs that are there and not used: each step on the way from the hardware up.
struct CardTests {
    private func finding(_ machine: Machine) throws -> (Finding, text: String) {
        let findings = Diagnosis(of: machine).findings
        #expect(findings.count == 1, "\(findings)")
        let finding = try #require(findings.first)
        return (finding, ([finding.text] + finding.remedies).joined(separator: "\n"))
    }

    private func machine(
        _ vendor: Vendor,
        manifests: [DriverManifest] = [],
        nodes: [DeviceNode] = [],
        user: Machine.User = .init(id: 10001, groups: [10001]),
        container: String? = nil,
        variables: [String: String] = [:]
    ) -> Machine {
        Machine(
            loader: MadeUp.loader,
            manifests: manifests + [MadeUp.lavapipeManifest],
            devices: [MadeUp.lavapipe],
            nodes: nodes,
            cards: [MadeUp.card(vendor)],
            user: user,
            surroundings: .init(container: container, variables: variables)
        )
    }

    @Test func aCardWithoutANodeNeedsTheKernelsDriver() throws {
        for (vendor, driver) in [(Vendor.amd, "amdgpu"), (.intel, "i915"), (.nvidia, "nvidia")] {
            let (finding, text) = try finding(machine(vendor))
            #expect(finding.severity == .warning)
            #expect(text.contains("no device node") && text.contains(driver))
            #expect(text.contains("0000:01:00.0"))
        }
    }

    @Test func aContainerMustBeGivenTheNode() throws {
        let (_, amd) = try finding(machine(.amd, container: "kubernetes"))
        #expect(amd.contains("amd.com/gpu") && !amd.contains("dmesg"))
        let (_, nvidia) = try finding(machine(.nvidia, container: "docker"))
        #expect(nvidia.contains("--gpus all") && nvidia.contains("runtimeClassName"))
    }

    @Test func aUserOutsideTheRenderGroupIsToldWhichItIs() throws {
        let nodes = [MadeUp.renderNode(problem: "Permission denied")]
        let (_, host) = try finding(
            machine(.amd, manifests: [MadeUp.radeonManifest], nodes: nodes)
        )
        #expect(host.contains("Permission denied") && host.contains("usermod -aG render"))
        let (_, pod) = try finding(
            machine(
                .amd,
                manifests: [MadeUp.radeonManifest],
                nodes: nodes,
                container: "kubernetes"
            )
        )
        #expect(pod.contains("gpu.renderGroup: 992") && pod.contains("--group-add 992"))
    }

    @Test func aMemberOfTheRenderGroupIsToldOfOtherBarriers() throws {
        let (_, text) = try finding(
            machine(
                .intel,
                nodes: [MadeUp.renderNode(problem: "Operation not permitted")],
                user: .init(id: 10001, groups: [10001, 992])
            )
        )
        #expect(text.contains("SELinux") && !text.contains("usermod"))
    }

    @Test func oneOpenNodeIsEnough() {
        var machine = machine(
            .amd,
            manifests: [MadeUp.radeonManifest],
            nodes: [MadeUp.renderNode(), MadeUp.renderNode(problem: "Permission denied")]
        )
        machine.devices = [MadeUp.radeon]
        #expect(Diagnosis(of: machine).findings.isEmpty)
    }

    @Test func nvidiasGraphicsPartMustBeAskedFor() throws {
        let nodes = [DeviceNode(path: "/dev/nvidia0", group: 0, mode: 0o666)]
        for (value, words) in [
            (nil, "it is not set"), ("compute,utility", "it is compute,utility"),
            ("compute,graphics", "on"),
        ] {
            var variables: [String: String] = [:]
            variables["NVIDIA_DRIVER_CAPABILITIES"] = value
            let (_, text) = try finding(
                machine(.nvidia, nodes: nodes, container: "docker", variables: variables)
            )
            #expect(text.contains(words) && text.contains("no manifest"))
            let isGraphics = value == "compute,graphics"
            #expect(text.contains("Set NVIDIA_DRIVER_CAPABILITIES") == !isGraphics)
        }
    }

    @Test func aMountedManifestWithoutItsDriverPointsToTheToolkit() throws {
        var machine = machine(
            .nvidia,
            manifests: [
                MadeUp.failing(
                    "nvidia_icd.json",
                    "libGLX_nvidia.so.0",
                    MadeUp.absent("libGLX_nvidia.so.0")
                )
            ],
            nodes: [DeviceNode(path: "/dev/nvidia0", group: 0, mode: 0o666)],
            container: "kubernetes"
        )
        let (finding, text) = try finding(machine)
        #expect(finding.severity == .problem)
        #expect(text.contains("NVIDIA_DRIVER_CAPABILITIES") && text.contains("headless"))
        machine.surroundings.container = nil
        #expect(Diagnosis(of: machine).findings[0].remedies[0].contains("install NVIDIA's driver"))
    }

    @Test func aDriverThatOpensAndFindsNothingIsToldApart() throws {
        let (_, text) = try finding(
            machine(.amd, manifests: [MadeUp.radeonManifest], nodes: [MadeUp.renderNode()])
        )
        #expect(text.contains("lists no device"))
    }

    @Test(arguments: [(0x74a1, 0x120000), (0x738c, 0x038000)] as [(UInt32, UInt32)])
    func anInstinctIsNotHopedFor(deviceID: UInt32, classCode: UInt32) throws {
        var machine = machine(.amd)
        machine.cards = [MadeUp.card(.amd, deviceID, classCode: classCode)]
        let (_, text) = try finding(machine)
        #expect(text.contains("CDNA") && text.contains("ROCm") && !text.contains("dmesg"))
    }

    @Test func vendorsAreKnownByFilesAndNumbers() {
        #expect(Vendor(driverFile: "nvidia_icd.x86_64.json") == .nvidia)
        #expect(Vendor(driverFile: "libvulkan_radeon.so") == .amd)
        #expect(Vendor(driverFile: "intel_hasvk_icd.json") == .intel)
        #expect(Vendor(driverFile: "lvp_icd.json") == nil)
        #expect(Vendor(pciID: 0x1002) == .amd && Vendor(pciID: 0x1af4) == nil)
    }
}
