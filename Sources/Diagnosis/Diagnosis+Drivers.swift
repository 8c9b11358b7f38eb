extension Diagnosis {
    /// Manifests, and the libraries they name.
    static func drivers(_ machine: Machine) -> [Finding] {
        guard case .found = machine.loader else { return [] }
        let serves = machine.devices.contains(where: \.canServe)
        guard !machine.manifests.isEmpty else {
            // A loader may be built to look elsewhere; then the devices speak for themselves.
            return serves ? [] : [noManifest(machine)]
        }
        return machine.manifests.compactMap { manifest in
            // Distributions install drivers of every vendor together: one that does not open
            // matters if its hardware is here, or if there is nothing better.
            let isWanted = machine.cards.contains { $0.vendor == manifest.vendor }
            switch manifest.content {
            case .opens: return nil
            case .unreadable(let reason):
                return Finding(
                    serves ? .warning : .problem,
                    "\(manifest.path) is no manifest of a driver: \(reason).",
                    [
                        "Correct VK_DRIVER_FILES if it names this file; else install the driver's "
                            + "package again."
                    ]
                )
            case .fails(let library, let reason):
                return Finding(
                    serves && !isWanted ? .warning : .problem,
                    "\(manifest.path) names the driver \(library), which does not open: \(reason).",
                    MissingLibrary(reason: reason, driver: library).remedies(
                        for: manifest.vendor,
                        in: machine.surroundings
                    )
                )
            }
        }
    }

    private static func noManifest(_ machine: Machine) -> Finding {
        let folders = machine.manifestFolders
        let places =
            folders.isEmpty ? "the files of VK_DRIVER_FILES" : folders.joined(separator: ", ")
        let vendors = Vendor.allCases.filter { vendor in
            machine.cards.contains { $0.vendor == vendor }
        }
        var remedies = vendors.map { vendor in
            machine.surroundings.container == nil
                ? "\(vendor.name): \(vendor.driverInstallation)."
                : "\(vendor.name): " + containerRemedy(vendor)
        }
        remedies.append(
            "Without a GPU: apt-get install mesa-vulkan-drivers, whose lavapipe computes on the "
                + "CPU."
        )
        return Finding(
            .problem,
            "No driver is announced: there is no manifest (icd.d/*.json) in \(places).",
            remedies
        )
    }

    private static func containerRemedy(_ vendor: Vendor) -> String {
        vendor == .nvidia
            ? "the container toolkit mounts its driver and manifest (\(vendor.passage))."
            : "use an image with Mesa, such as our flavour universal."
    }
}
