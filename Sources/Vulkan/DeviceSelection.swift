import Foundation

/// Which device the user wants.
public enum DeviceChoice: Sendable, Equatable, CustomStringConvertible {
    /// The best one there is: a real GPU before a CPU driver.
    case best
    /// A real GPU or nothing.
    case gpu
    /// A CPU driver (lavapipe) or nothing.
    case cpu
    /// The loader's n-th device.
    case index(Int)
    /// The device whose name contains this text, whatever the case.
    case name(String)
    /// One after the other; a device may be there again.
    case list([DeviceChoice])

    /// Reads `auto`, `gpu`, `cpu`, a number, or part of a device's name; or several with commas
    /// between them.
    public init(_ text: String) {
        let parts = text.split(separator: ",")
        guard parts.count < 2 else {
            self = .list(parts.map { DeviceChoice(String($0)) })
            return
        }
        switch text.trimmingCharacters(in: .whitespaces).lowercased() {
        case "", "auto", "best": self = .best
        case "gpu": self = .gpu
        case "cpu": self = .cpu
        case let other:
            if let index = Int(other) { self = .index(index) } else { self = .name(text) }
        }
    }

    public var description: String {
        switch self {
        case .best: "auto"
        case .gpu: "gpu"
        case .cpu: "cpu"
        case .index(let index): "\(index)"
        case .name(let name): name
        case .list(let choices): choices.map(\.description).joined(separator: ",")
        }
    }
}

extension Instance {
    /// The device that fits `choice` best.
    /// - Throws: `noDevice`, `noSuitableDevice` with what there is, or `missingFeature` when the
    ///   only fitting device lacks something required.
    public func selectDevice(_ choice: DeviceChoice) throws(VulkanError) -> PhysicalDevice {
        let fitting = try devices(fitting: choice)
        if let device = Self.usable(fitting).first { return device }
        if let device = fitting.first, let feature = device.missingFeature {
            throw .missingFeature(device: device.properties.name, feature: feature)
        }
        throw .noSuitableDevice(
            wanted: choice.description,
            found: try physicalDevices().map(\.title)
        )
    }

    /// The devices that fit `choice` best, in the order in which they get a model's layers.
    /// - Parameter count: how many; nil for as many as `choice` names.
    /// - Throws: what `selectDevice` throws; `deviceCount` or `tooFewDevices` if they are not so
    ///   many.
    public func selectDevices(
        _ choice: DeviceChoice,
        count: Int? = nil
    ) throws(VulkanError) -> [PhysicalDevice] {
        if case .list(let choices) = choice, try devices(fitting: choice).isEmpty {
            guard choices.count == count ?? choices.count else {
                throw .deviceCount(wanted: choice.description, named: choices.count)
            }
            var devices: [PhysicalDevice] = []
            for choice in choices { devices.append(try selectDevice(choice)) }
            return devices
        }
        guard let count, count > 1 else { return [try selectDevice(choice)] }
        var usable = Self.usable(try devices(fitting: choice))
        // A model that is split with the CPU beside a GPU is slower than on either.
        if choice == .best, usable.first?.properties.isCPU == false {
            usable.removeAll { $0.properties.isCPU }
        }
        guard usable.count >= count else {
            throw .tooFewDevices(
                wanted: choice.description,
                count: count,
                found: usable.map(\.title)
            )
        }
        return Array(usable.prefix(count))
    }

    /// What fits, in the loader's order.
    private func devices(fitting choice: DeviceChoice) throws(VulkanError) -> [PhysicalDevice] {
        let all = try physicalDevices()
        guard !all.isEmpty else { throw .noDevice }
        return all.enumerated().filter { index, device in
            switch choice {
            case .best: true
            case .gpu: !device.properties.isCPU
            case .cpu: device.properties.isCPU
            case .index(let wanted): index == wanted
            // A device's name may have commas.
            case .name, .list:
                device.properties.name.lowercased().contains(
                    choice.description.trimmingCharacters(in: .whitespaces).lowercased()
                )
            }
        }.map(\.element)
    }

    /// Those that can run Pumice, the best first; of equals the loader's first.
    private static func usable(_ devices: [PhysicalDevice]) -> [PhysicalDevice] {
        devices.enumerated().filter { $0.element.missingFeature == nil }.sorted {
            ($0.element.properties.kind.preference, $0.offset)
                < ($1.element.properties.kind.preference, $1.offset)
        }.map(\.element)
    }
}

extension PhysicalDevice {
    /// Its name and kind, for messages.
    fileprivate var title: String { "\(properties.name) (\(properties.kind.rawValue))" }
}
