import Testing
import Vulkan

struct DeviceChoiceTests {
    @Test(arguments: [
        ("", DeviceChoice.best), ("auto", .best), ("BEST", .best), ("gpu", .gpu), ("Cpu", .cpu),
        ("0", .index(0)), ("12", .index(12)), ("llvmpipe", .name("llvmpipe")),
        ("Radeon RX", .name("Radeon RX")), ("0,1", .list([.index(0), .index(1)])),
        ("gpu, Radeon", .list([.gpu, .name(" Radeon")])),
    ])
    func theFlagIsAWordANumberOrPartOfAName(_ text: String, _ choice: DeviceChoice) {
        #expect(DeviceChoice(text) == choice)
    }

    @Test func aChoiceIsPrintedAsItIsWritten() {
        for text in ["auto", "gpu", "cpu", "3", "Radeon", "0,1", "llvmpipe (LLVM 20, 256 bits)"] {
            #expect(DeviceChoice(text).description == text)
        }
    }
}

@Suite(.needsDevice)
struct DeviceSelectionTests {
    private let instance: Instance
    private let devices: [PhysicalDevice]

    init() throws {
        instance = try Instance()
        devices = try instance.physicalDevices()
    }

    @Test func theBestDeviceIsARealOneWhereThereIsOne() throws {
        let best = try instance.selectDevice(.best)
        let hasGPU = devices.contains { !$0.properties.isCPU && $0.missingFeature == nil }
        #expect(best.properties.isCPU == !hasGPU)
    }

    @Test func aRealGPUIsRefusedWithTheListWhereThereIsNone() throws {
        guard devices.allSatisfy({ $0.properties.isCPU }) else { return }
        let error = #expect(throws: VulkanError.self) { _ = try instance.selectDevice(.gpu) }
        let text = try #require(error).description
        #expect(text.contains("--device gpu"))
        for device in devices { #expect(text.contains(device.properties.name)) }
    }

    @Test func devicesAreFoundByNumberAndByPartOfTheirName() throws {
        for (index, device) in devices.enumerated() where device.missingFeature == nil {
            let found = try instance.selectDevice(.index(index))
            #expect(found.properties.name == device.properties.name)
            let part = String(device.properties.name.prefix(5)).uppercased()
            #expect(
                try instance.selectDevice(.name(part)).properties.name.uppercased().contains(part)
            )
        }
        #expect(throws: VulkanError.self) { _ = try instance.selectDevice(.index(devices.count)) }
        #expect(throws: VulkanError.self) { _ = try instance.selectDevice(.name("no such card")) }
    }

    @Test func whatADeviceSaysOfItselfIsPlausible() throws {
        let properties = try instance.selectDevice(.best).properties
        #expect(!properties.name.isEmpty && !properties.driver.isEmpty)
        #expect(properties.apiVersion >= (1, 2, 0))
        #expect([4, 8, 16, 32, 64, 128].contains(properties.subgroupSize))
        #expect(properties.maxAllocationByteCount >= 1 << 30)
        #expect(properties.sharedMemoryByteCount >= 16384)
        #expect(properties.computeUnitCount.map { $0 > 0 } ?? true)
    }

    @Test func memoriesAreReportedWithWhatIsFree() {
        for device in devices {
            let heaps = device.memoryHeaps
            #expect(heaps.contains { $0.isDeviceLocal })
            #expect(heaps.allSatisfy { $0.byteCount > 0 })
            #expect(heaps.allSatisfy { $0.availableByteCount ?? 0 <= $0.byteCount })
            let hasBudget = device.properties.extensions.contains("VK_EXT_memory_budget")
            #expect(heaps.allSatisfy { ($0.availableByteCount != nil) == hasBudget })
        }
    }

    @Test func theFirstMissingFeatureIsOneOfAll() {
        for device in devices {
            #expect(device.missingFeature == device.missingFeatures.first)
            #expect(Set(device.missingFeatures).count == device.missingFeatures.count)
        }
    }

    @Test func cooperativeMatricesAreReportedWithTheirFeatureAndOnlyThen() throws {
        for properties in devices.map(\.properties) {
            let matrices = properties.cooperativeMatrices
            #expect(matrices.isEmpty != properties.features.contains(.cooperativeMatrix))
            #expect(matrices.allSatisfy { $0.m > 0 && $0.n > 0 && $0.k > 0 })
            #expect(matrices.allSatisfy { $0.workgroupSize == nil })
            let flexible = properties.flexibleMatrices
            #expect(flexible.isEmpty || properties.features.contains(.workgroupMatrix))
            #expect(flexible.allSatisfy { $0.workgroupSize ?? 0 > 0 })
        }
    }

    @Test func aDeviceOpensWithAllItsOptionalFeatures() throws {
        let device = try openDevice()
        #expect(device.validationErrorCount == 0)
    }
}

struct VulkanErrorTests {
    /// Every sentence names what it is about and, where there is something to do, says it.
    @Test(arguments: [
        (VulkanError.noLoader("why"), ["why", "apt-get install"]),
        (.noDevice, ["VK_DRIVER_FILES"]),
        (
            .noSuitableDevice(wanted: "gpu", found: ["llvmpipe (cpu)"]),
            ["--device gpu", "llvmpipe"]
        ),
        (
            .missingFeature(device: "Old Card", feature: "timeline semaphores"),
            ["Old Card", "timeline semaphores", "driver"]
        ),
        (.callFailed(call: "vkQueueSubmit", result: -3), ["vkQueueSubmit", "-3"]),
        (.outOfMemory(label: "kv.0", byteCount: 3 << 20), ["kv.0", "3 MiB", "--num-gpu-blocks"]),
        (.deviceLost, ["lost"]), (.timedOut(seconds: 60), ["60 s"]),
    ])
    func errorsSayWhatToDo(_ error: VulkanError, _ words: [String]) {
        for word in words { #expect(error.description.contains(word)) }
    }
}
