import Diagnosis
import Foundation
import Testing
import Vulkan

/// Observation of a machine whose files are in a folder.
struct ObservationTests {
    /// A folder that goes with this object.
    private final class Root {
        let path = NSTemporaryDirectory() + "pumice-diagnosis-\(UUID().uuidString)"

        func write(_ text: String, to file: String) throws {
            let url = URL(fileURLWithPath: path + file)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(text.utf8).write(to: url)
        }

        func observed(_ environment: [String: String] = [:]) -> Machine {
            Machine.observed(root: path, environment: environment)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private func manifest(_ library: String) -> String {
        #"{"file_format_version": "1.0.1", "ICD": {"library_path": "\#(library)"}}"#
    }

    @Test func manifestsAreFoundWhereTheLoaderLooks() throws {
        let root = Root()
        for (folder, name) in [
            ("/etc/xdg", "a"), ("/etc", "b"), ("/home/u/.local/share", "c"), ("/opt/share", "d"),
            ("/usr/share", "not looked at"),
        ] {
            try root.write(manifest("libno\(name).so"), to: "\(folder)/vulkan/icd.d/\(name).json")
        }
        try root.write("", to: "/etc/vulkan/icd.d/readme.txt")
        let machine = root.observed(["HOME": "/home/u", "XDG_DATA_DIRS": "/opt/share"])
        #expect(
            machine.manifests.map(\.path) == [
                "/etc/xdg/vulkan/icd.d/a.json", "/etc/vulkan/icd.d/b.json",
                "/home/u/.local/share/vulkan/icd.d/c.json", "/opt/share/vulkan/icd.d/d.json",
            ]
        )
        for manifest in machine.manifests {
            guard case .fails(_, let reason) = manifest.content else {
                Issue.record("\(manifest)")
                continue
            }
            #expect(reason.contains("cannot open shared object file"))
        }
    }

    @Test(arguments: ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"])
    func aVariableReplacesTheFolders(variable: String) throws {
        let root = Root()
        try root.write(manifest("libno.so"), to: "/etc/vulkan/icd.d/a.json")
        try root.write(manifest("./libhere.so"), to: "/opt/b.json")
        let machine = root.observed([variable: "/opt/b.json:/opt/none.json"])
        #expect(machine.manifests.map(\.path) == ["/opt/b.json", "/opt/none.json"])
        #expect(machine.manifestFolders.isEmpty)
        guard case .fails("./libhere.so", let reason) = machine.manifests[0].content else {
            Issue.record("\(machine.manifests[0])")
            return
        }
        #expect(reason.contains(root.path + "/opt/./libhere.so"))
        guard case .unreadable = machine.manifests[1].content else {
            Issue.record("\(machine.manifests[1])")
            return
        }
    }

    @Test(arguments: ["", "{", "[]", "{\"ICD\": {}}", String(repeating: " ", count: 70_000)])
    func whatIsNoManifestIsSaidToBeNone(text: String) throws {
        let root = Root()
        try root.write(text, to: "/etc/vulkan/icd.d/a.json")
        let content = root.observed().manifests.first?.content
        guard case .unreadable = content else {
            Issue.record("\(String(describing: content))")
            return
        }
    }

    @Test func aLibraryThatIsNoDriverDoesNotPassForOne() throws {
        let root = Root()
        try root.write(manifest("libc.so.6"), to: "/etc/vulkan/icd.d/a.json")
        guard case .fails(_, let reason) = root.observed().manifests.first?.content else {
            Issue.record("libc passed for a driver")
            return
        }
        #expect(reason.contains("vk_icdGetInstanceProcAddr"))
    }

    @Test func cardsComeFromTheBus() throws {
        let root = Root()
        let bus = "/sys/bus/pci/devices/"
        for (address, vendor, kind) in [
            ("0000:03:00.0", "0x1002", "0x030000"), ("0000:41:00.0", "0x10de", "0x030200"),
            ("0000:42:00.0", "0x1002", "0x120000"), ("0000:00:1f.0", "0x8086", "0x060100"),
            ("0000:05:00.0", "0x1af4", "0x030000"),
        ] {
            try root.write(vendor + "\n", to: bus + address + "/vendor")
            try root.write(kind + "\n", to: bus + address + "/class")
            try root.write("0x73a1\n", to: bus + address + "/device")
        }
        try FileManager.default.createSymbolicLink(
            atPath: root.path + bus + "0000:03:00.0/driver",
            withDestinationPath: "../../../bus/pci/drivers/amdgpu"
        )
        let cards = root.observed().cards
        #expect(cards.map(\.vendor) == [.amd, .nvidia, .amd])
        #expect(cards.map(\.kernelDriver) == ["amdgpu", nil, nil])
        #expect(cards.map(\.isInstinct) == [false, false, true])
    }

    @Test func nodesCarryTheirPermissions() throws {
        let root = Root()
        try root.write("", to: "/dev/dri/renderD128")
        try root.write("", to: "/dev/nvidiactl")
        try root.write("", to: "/dev/null0")
        let mode = [FileAttributeKey.posixPermissions: 0o640]
        try FileManager.default.setAttributes(mode, ofItemAtPath: root.path + "/dev/nvidiactl")
        let nodes = root.observed().nodes
        #expect(nodes.map(\.path) == ["/dev/dri/renderD128", "/dev/nvidiactl"])
        #expect(nodes[1].modeText == "rw-r-----")
        #expect(nodes.allSatisfy { $0.problem == nil })
    }

    @Test func containersAndVariablesAreNoticed() throws {
        let root = Root()
        let none = root.observed(["PATH": "/bin", "LD_LIBRARY_PATH": "/opt"]).surroundings
        #expect(none == .init(variables: ["LD_LIBRARY_PATH": "/opt"]))
        try root.write("570.86.15\n", to: "/sys/module/nvidia/version")
        try root.write("", to: "/run/.containerenv")
        let podman = root.observed().surroundings
        #expect(podman.container == "podman" && podman.nvidiaModule == "570.86.15")
        #expect(
            root.observed(["KUBERNETES_SERVICE_HOST": "10.0.0.1"]).surroundings.container
                == "kubernetes"
        )
    }

    @Test func thisMachinesDevicesAreTheLoaders() throws {
        let machine = Machine.observed()
        let expected = (try? Instance().physicalDevices().map(\.properties.name)) ?? []
        #expect(machine.devices.map(\.name) == expected)
        #expect(Diagnosis(of: machine).canServe == machine.devices.contains(where: \.canServe))
    }
}
