import Foundation

extension GraphicsCard {
    /// The GPUs on the PCI bus of vendors we know. Containers see the whole machine's bus.
    static func all(root: String) -> [GraphicsCard] {
        let folder = (root == "/" ? "" : root) + "/sys/bus/pci/devices"
        let addresses = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return addresses.sorted().compactMap { GraphicsCard(folder: folder, address: $0) }
    }

    private init?(folder: String, address: String) {
        let device = folder + "/" + address
        func number(_ file: String) -> UInt32? {
            guard let data = FileManager.default.contents(atPath: device + "/" + file) else {
                return nil
            }
            let text = String(decoding: data.prefix(16), as: UTF8.self)
            return UInt32(
                text.trimmingCharacters(in: .whitespacesAndNewlines).dropFirst(2),
                radix: 16
            )
        }
        guard let classCode = number("class"), [0x03, 0x12].contains(classCode >> 16),
            let vendor = number("vendor").flatMap(Vendor.init(pciID:))
        else { return nil }
        let driver = try? FileManager.default.destinationOfSymbolicLink(atPath: device + "/driver")
        self.init(
            address: address,
            vendor: vendor,
            deviceID: number("device") ?? 0,
            classCode: classCode,
            kernelDriver: driver.map { URL(fileURLWithPath: $0).lastPathComponent }
        )
    }
}
