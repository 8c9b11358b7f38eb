import Diagnosis
import Foundation
import Testing

/// The findings that the documentation quotes, of the machines it has in mind.
struct DocumentationTests {
    private static func machine(
        _ vendor: Vendor,
        _ deviceID: UInt32,
        manifests: [DriverManifest] = [],
        nodes: [DeviceNode],
        container: String? = "kubernetes",
        capabilities: String? = nil
    ) -> Machine {
        var variables: [String: String] = [:]
        variables["NVIDIA_DRIVER_CAPABILITIES"] = capabilities
        return Machine(
            loader: MadeUp.loader,
            manifests: manifests,
            manifestFolders: MadeUp.folders,
            nodes: nodes,
            cards: [MadeUp.card(vendor, deviceID)],
            user: .init(id: 10001, groups: [10001]),
            surroundings: .init(container: container, variables: variables)
        )
    }

    private static let nvidia = [DeviceNode(path: "/dev/nvidia0", group: 0, mode: 0o666)]

    static let quoted: [(document: String, machine: Machine)] = [
        (
            "nvidia",
            machine(
                .nvidia,
                0x2684,
                manifests: [MadeUp.lavapipeManifest],
                nodes: nvidia,
                capabilities: "compute,utility"
            )
        ),
        (
            "nvidia",
            machine(
                .nvidia,
                0x2684,
                manifests: [
                    MadeUp.failing(
                        "nvidia_icd.json",
                        "libGLX_nvidia.so.0",
                        MadeUp.absent("libX11.so.6")
                    )
                ],
                nodes: nvidia,
                capabilities: "compute,graphics,utility"
            )
        ),
        ("nvidia", machine(.nvidia, 0x2684, manifests: [MadeUp.lavapipeManifest], nodes: [])),
        (
            "amd",
            machine(
                .amd,
                0x73a1,
                manifests: [MadeUp.radeonManifest],
                nodes: [MadeUp.renderNode(problem: "Permission denied")]
            )
        ),
        (
            "intel",
            machine(.intel, 0x56a0, manifests: [MadeUp.lavapipeManifest], nodes: [])
        ),
    ]

    @Test(arguments: quoted)
    func theDocumentQuotesWhatIsPrinted(document: String, machine: Machine) throws {
        let docs = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/\(document).md")
        let text = try String(contentsOf: docs, encoding: .utf8)
        let diagnosis = Diagnosis(of: machine)
        #expect(diagnosis.findings.count == 1, "\(diagnosis.findings)")
        for finding in diagnosis.findings {
            let lines =
                ["\(finding.severity.rawValue): \(finding.text)"]
                + finding.remedies.map { "    \($0)" }
            #expect(text.contains(lines.joined(separator: "\n")), "\(document).md lacks \(lines)")
        }
    }
}
