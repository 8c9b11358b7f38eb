import Diagnosis
import Foundation
import Testing

struct DiagnosisTextTests {
    private let machine = Machine(
        loader: MadeUp.loader,
        manifests: [
            MadeUp.radeonManifest,
            MadeUp.failing("intel_icd.json", "libvulkan_intel.so", "no such file"),
        ],
        devices: [MadeUp.lavapipe, MadeUp.radeon],
        nodes: [MadeUp.renderNode()],
        cards: [MadeUp.card(.amd)],
        user: .init(id: 10001, groups: [10001, 992]),
        surroundings: .init(container: "docker", variables: ["VK_DRIVER_FILES": "/x"])
    )

    @Test func thePageShowsWhatWasSeenAndEndsWithTheVerdict() {
        let lines = Diagnosis(of: machine).description.split(separator: "\n").map(String.init)
        for line in [
            "  /usr/lib/libvulkan.so.1, Vulkan 1.4.309",
            "  ok      /usr/share/vulkan/icd.d/radeon_icd.json",
            "  broken  /usr/share/vulkan/icd.d/intel_icd.json",
            "  0: llvmpipe (LLVM 19, 256 bits), cpu", "     memory    8.0 GiB, 5.0 GiB available",
            "     memory    64.0 GiB, the host's",
            "  /dev/dri/renderD128, rw-rw----, group render (992): opens",
            "  AMD's GPU 73a1 at 0000:01:00.0, kernel driver amdgpu",
            "  user 10001, groups 10001, 992", "  in a container (docker)",
            "  VK_DRIVER_FILES=/x",
        ] {
            #expect(lines.contains(line), "no line is `\(line)`")
        }
        #expect(lines.last == "Pumice can serve on AMD Radeon PRO V620 (RADV NAVI21).")
        let cpu = Diagnosis(of: Machine(loader: MadeUp.loader, devices: [MadeUp.lavapipe]))
        #expect(cpu.description.hasSuffix("256 bits), a CPU driver."))
        let nothing = Diagnosis(of: Machine(loader: MadeUp.loader))
        #expect(nothing.description.hasSuffix("Pumice cannot serve on this machine."))
    }

    @Test func theJSONHasTheSame() throws {
        let data = try JSONEncoder().encode(Diagnosis(of: machine))
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(object["canServe"] as? Bool == true)
        let findings = try #require(object["findings"] as? [[String: Any]])
        #expect(findings.map { $0["severity"] as? String } == ["warning"])
        let seen = try #require(object["machine"] as? [String: Any])
        let loader = try #require(seen["loader"] as? [String: String])
        #expect(loader == ["path": "/usr/lib/libvulkan.so.1", "version": "1.4.309"])
        let manifests = try #require(seen["manifests"] as? [[String: String]])
        #expect(manifests[1]["problem"] == "no such file")
        #expect(manifests[0]["libraryPath"] == "/usr/lib/libvulkan_radeon.so")
    }
}
