import Diagnosis
import Testing

struct DiagnosisTests {
    /// The only finding, which must say every one of `words`.
    private func expectOne(
        _ severity: Finding.Severity,
        of machine: Machine,
        saying words: String...,
        location: SourceLocation = #_sourceLocation
    ) {
        let findings = Diagnosis(of: machine).findings
        #expect(findings.count == 1, "\(findings)", sourceLocation: location)
        guard let finding = findings.first else { return }
        #expect(finding.severity == severity, sourceLocation: location)
        let text = finding.text + "\n" + finding.remedies.joined(separator: "\n")
        for word in words {
            #expect(text.contains(word), "\(text) lacks \(word)", sourceLocation: location)
        }
    }

    @Test func aMachineThatServesHasNothingWrong() {
        let machine = Machine(
            loader: MadeUp.loader,
            manifests: [MadeUp.radeonManifest],
            devices: [MadeUp.radeon],
            nodes: [MadeUp.renderNode()],
            cards: [MadeUp.card(.amd)]
        )
        #expect(Diagnosis(of: machine).findings.isEmpty)
        #expect(Diagnosis(of: machine).canServe)
    }

    @Test func withoutTheLoaderItsPackageIsNamed() {
        let machine = Machine(loader: .missing(reason: MadeUp.absent("libvulkan.so.1")))
        expectOne(.problem, of: machine, saying: "libvulkan.so.1", "apt-get install libvulkan1")
        #expect(!Diagnosis(of: machine).canServe)
    }

    @Test func withoutAManifestTheFoldersAndAPackageAreNamed() {
        let machine = Machine(loader: MadeUp.loader, manifestFolders: MadeUp.folders)
        expectOne(
            .problem,
            of: machine,
            saying: "/etc/vulkan/icd.d, /usr/share/vulkan/icd.d",
            "apt-get install mesa-vulkan-drivers"
        )
    }

    @Test func aManifestWhoseDriverIsGoneSaysSo() {
        let library = "/usr/lib/libvulkan_lvp.so"
        let machine = Machine(
            loader: MadeUp.loader,
            manifests: [MadeUp.failing("lvp_icd.json", library, MadeUp.absent(library))]
        )
        expectOne(.problem, of: machine, saying: library, "outlived", "lvp_icd.json")
    }

    @Test func aLibraryThatTheDriverNeedsIsNamedWithItsPackage() {
        let reason = MadeUp.absent("libX11.so.6")
        var machine = Machine(
            loader: MadeUp.loader,
            manifests: [MadeUp.failing("nvidia_icd.json", "libGLX_nvidia.so.0", reason)],
            surroundings: .init(container: "docker")
        )
        expectOne(.problem, of: machine, saying: "libX11.so.6", "apt-get install libx11-6")
        machine.manifests = [
            MadeUp.failing("nvidia_icd.json", "libGLX_nvidia.so.0", MadeUp.absent("libodd.so.3"))
        ]
        expectOne(.problem, of: machine, saying: "the library that has libodd.so.3")
    }

    @Test func aCLibraryOlderThanTheDriverIsRecognised() {
        let reason =
            "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by "
            + "/usr/lib/libvulkan_radeon.so)"
        let machine = Machine(
            loader: MadeUp.loader,
            manifests: [MadeUp.failing("radeon_icd.json", "libvulkan_radeon.so", reason)]
        )
        expectOne(.problem, of: machine, saying: "GLIBC_2.38", "newer base image")
    }

    @Test func driversOfAbsentHardwareMayBeBroken() {
        let broken = MadeUp.failing("radeon_icd.json", "libvulkan_radeon.so", "no")
        let machine = Machine(
            loader: MadeUp.loader,
            manifests: [MadeUp.lavapipeManifest, broken],
            devices: [MadeUp.lavapipe]
        )
        expectOne(.warning, of: machine, saying: "radeon_icd.json")
        #expect(Diagnosis(of: machine).canServe)
    }

    @Test func aManifestThatIsNoneIsNamed() {
        let manifest = DriverManifest(path: "/x.json", content: .unreadable(reason: "it is empty"))
        let machine = Machine(loader: MadeUp.loader, manifests: [manifest])
        expectOne(.problem, of: machine, saying: "/x.json", "it is empty", "VK_DRIVER_FILES")
    }

    @Test func everyFeatureADeviceLacksIsNamed() {
        var device = MadeUp.radeon
        device.missingFeatures = ["8-bit storage", "timeline semaphores"]
        let machine = Machine(
            loader: MadeUp.loader,
            manifests: [MadeUp.radeonManifest],
            devices: [device]
        )
        expectOne(
            .problem,
            of: machine,
            saying: "8-bit storage, timeline semaphores",
            device.name,
            "newer driver"
        )
        #expect(!Diagnosis(of: machine).canServe)
    }

    @Test func whyDevicesCannotBeListedIsSaid() {
        let machine = Machine(
            loader: MadeUp.loader,
            manifests: [MadeUp.lavapipeManifest],
            enumerationProblem: "vkCreateInstance failed with VkResult -3."
        )
        expectOne(.problem, of: machine, saying: "VkResult -3", "VK_LOADER_DEBUG")
    }

    @Test func problemsComeBeforeWarnings() {
        let machine = Machine(
            loader: MadeUp.loader,
            manifests: [
                MadeUp.failing("intel_icd.json", "libvulkan_intel.so", "no"),
                MadeUp.failing("nvidia_icd.json", "libGLX_nvidia.so.0", "no"),
                MadeUp.lavapipeManifest,
            ],
            devices: [MadeUp.lavapipe],
            nodes: [DeviceNode(path: "/dev/nvidia0", group: 0, mode: 0o666)],
            cards: [MadeUp.card(.nvidia)]
        )
        let severities = Diagnosis(of: machine).findings.map(\.severity)
        #expect(severities == [.problem, .warning])
    }
}
