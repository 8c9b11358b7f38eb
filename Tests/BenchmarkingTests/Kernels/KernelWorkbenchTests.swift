import Benchmarking
import Foundation
import Kernels
import Testing
import Vulkan

/// One at a time: a device belongs to one thread.
@Suite(.serialized) struct KernelWorkbenchTests {
    /// A workbench with little memory to go through; nil, with a reason, where there is no device.
    private func bench(_ family: KernelFamily) throws -> KernelWorkbench? {
        do {
            let choice = DeviceChoice(ProcessInfo.processInfo.environment["PUMICE_DEVICE"] ?? "")
            let device = try Device(Instance().selectDevice(choice))
            return try KernelWorkbench(
                KernelLibrary(device, family: family),
                coldByteCount: 4 << 20
            )
        } catch let error as VulkanError
            where ProcessInfo.processInfo.environment["REQUIRE_GPU"] != "1"
        {
            print("no kernels are timed here: \(error)")
            return nil
        }
    }

    @Test(arguments: KernelFamily.allCases)
    func aTimeIsMeasuredForEveryKernel(_ family: KernelFamily) throws {
        guard let bench = try bench(family) else { return }
        let ceilings = DeviceCeilings(copyBytesPerSecond: 1e9, fmaFLOPSPerSecond: 1e9)
        let cases = KernelCase.all()
        #expect(Set(cases.map(\.kernel)).count >= 7)
        // In every format, but for the family that CPU drivers take seconds a kernel to compile.
        let groups = Dictionary(grouping: cases) {
            family == .cpu ? "\($0.kernel) \($0.format)" : $0.kernel
        }
        for group in groups.values {
            // The smallest of its cases, for drivers on which the others take minutes.
            let item = try #require(group.min { $0.flopCount < $1.flopCount })
            let result = try bench.measure(item, ceilings, budget: 0)
            #expect(result.runs == 3, "\(item.name)")
            #expect(result.medianMicroseconds > 0.1, "\(item.name)")
            #expect(abs(result.copyShare - result.gigabytesPerSecond) < 1e-9 * result.copyShare)
        }
    }

    @Test func plansOfAProductAreMeasured() throws {
        guard let bench = try bench(.gpu) else { return }
        let shape = MatmulCase(rows: 64, columns: 64, tokenCount: 2)
        let all = bench.library.matmulDevice.candidates(shape, .q8_0)
        #expect(all.count > 3)
        // CPU drivers take seconds to compile each of the others.
        let plans = Array(all.filter { $0.kernel == .vector }.prefix(3))
        let tuning = try bench.tune(shape, .q8_0, plans: plans, budget: 0)
        #expect(tuning.candidates.map(\.plan) == plans)
        #expect(tuning.candidates.allSatisfy { $0.medianMicroseconds > 0.1 })
    }

    @Test(arguments: KernelFamily.allCases)
    func ceilingsAreOfThisWorld(_ family: KernelFamily) throws {
        guard let ceilings = try bench(family)?.ceilings() else { return }
        #expect((1e8...1e14).contains(ceilings.copyBytesPerSecond))
        #expect((1e8...1e15).contains(ceilings.fmaFLOPSPerSecond))
    }

    @Test func theSlowerOfMemoryAndArithmeticIsTheFloor() {
        let ceilings = DeviceCeilings(copyBytesPerSecond: 100, fmaFLOPSPerSecond: 1000)
        #expect(ceilings.floor(bytes: 50, flops: 100) == 0.5)
        #expect(ceilings.floor(bytes: 50, flops: 2000) == 2)
    }

    @Test func casesHaveDifferentNamesAndWorkToDo() {
        let cases = KernelCase.all()
        #expect(Set(cases.map(\.name)).count == cases.count)
        for item in cases { #expect(item.byteCount > 0 && item.flopCount > 0, "\(item.name)") }
    }
}
