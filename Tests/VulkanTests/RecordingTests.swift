import Kernels
import Testing
import Vulkan

@Suite(.needsDevice)
struct RecordingTests {
    private let fixture: Fixture

    init() throws {
        fixture = try Fixture()
    }

    private func slice(_ byteCount: Int, _ label: String) throws -> BufferSlice {
        let buffer = try Buffer(
            fixture.device,
            byteCount: byteCount,
            use: .readback,
            label: label
        )
        return buffer.whole.slice(at: 0, byteCount: byteCount)
    }

    @Test func aReadOfWhatWasWrittenWaits() throws {
        let (a, b) = (try slice(64, "a"), try slice(64, "b"))
        var recording = Recording()
        recording.fill(a, with: 1)
        recording.copy(from: a, to: b)
        #expect(recording.kinds == ["fill", "barrier", "copy"])
    }

    @Test func aWriteOverWhatWasReadWaits() throws {
        let (a, b) = (try slice(64, "a"), try slice(64, "b"))
        var recording = Recording()
        recording.copy(from: a, to: b)
        recording.fill(a, with: 1)
        #expect(recording.kinds == ["copy", "barrier", "fill"])
    }

    @Test func aWriteOverWhatWasWrittenWaits() throws {
        let a = try slice(64, "a")
        var recording = Recording()
        recording.fill(a, with: 1)
        recording.fill(a.slice(at: 60, byteCount: 4), with: 2)
        #expect(recording.kinds == ["fill", "barrier", "fill"])
    }

    @Test func whatTouchesDifferentBytesDoesNotWait() throws {
        let (a, b, c) = (try slice(64, "a"), try slice(64, "b"), try slice(64, "c"))
        var recording = Recording()
        recording.fill(a.slice(at: 0, byteCount: 32), with: 1)
        recording.fill(a.slice(at: 32, byteCount: 32), with: 2)
        recording.copy(from: b, to: c)
        #expect(recording.kinds == ["fill", "fill", "copy"])
    }

    @Test func twoReadersOfOneBufferDoNotWait() throws {
        let (a, b, c) = (try slice(64, "a"), try slice(64, "b"), try slice(64, "c"))
        var recording = Recording()
        recording.copy(from: a, to: b)
        recording.copy(from: a, to: c)
        #expect(recording.kinds == ["copy", "copy"])
    }

    @Test func oneBarrierServesAllThatCameBefore() throws {
        let (a, b, c) = (try slice(64, "a"), try slice(64, "b"), try slice(64, "c"))
        var recording = Recording()
        recording.fill(a, with: 1)
        recording.fill(b, with: 2)
        recording.copy(from: a, to: c)
        recording.fill(b.slice(at: 0, byteCount: 4), with: 3)
        #expect(recording.kinds == ["fill", "fill", "barrier", "copy", "fill"])
    }

    @Test func independentKernelsRunSideBySideAndDependentOnesInTurn() throws {
        let (first, second) = (try fixture.gateUp(1, label: "1"), try fixture.gateUp(2, label: "2"))
        let (a, b) = (try fixture.matrix(0, label: "a"), try fixture.matrix(0, label: "b"))
        let weight = try slice(4 * Fixture.columns, "weight")
        var recorder = KernelRecorder(fixture.library)
        try recorder.gatedActivation(first, .siluMul, into: a, tokenCount: 3)
        try recorder.gatedActivation(second, .siluMul, into: b, tokenCount: 3)
        try recorder.rmsNorm(a, weight: weight, into: b, rowCount: 3, epsilon: 1e-5)
        #expect(recorder.recording.kinds == ["dispatch", "dispatch", "barrier", "dispatch"])
        #expect(recorder.recording.dispatchCount == 3)
        #expect(recorder.recording.hazards().isEmpty)
    }

    @Test func theCheckerFindsWhatNoBarrierSeparates() throws {
        let (a, b) = (try slice(64, "a"), try slice(64, "b"))
        var recording = Recording(omittingBarriers: true)
        recording.fill(a, with: 1)
        recording.copy(from: a, to: b)
        recording.fill(a, with: 2)
        #expect(recording.kinds == ["fill", "copy", "fill"])
        let pairs = recording.hazards().map { [$0.earlier, $0.later] }
        #expect(pairs == [[0, 1], [0, 2], [1, 2]])
        #expect(recording.hazards().first?.description.contains("fill, then copy") == true)
    }

    /// Random commands over one small buffer: the barriers suffice, and are fewer than commands.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func derivedBarriersLeaveNoHazards(_ seed: UInt64) throws {
        let a = try slice(1024, "a")
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        var (separated, bare) = (Recording(), Recording(omittingBarriers: true))
        for _ in 0..<100 {
            let size = 4 * (1 + random(8))
            let target = a.slice(at: 4 * random(64), byteCount: size)
            let source = a.slice(at: 512 + 4 * random(64), byteCount: size)
            if random(2) == 0 {
                separated.fill(target, with: 0)
                bare.fill(target, with: 0)
            } else {
                let isForward = random(3) > 0
                separated.copy(from: isForward ? source : target, to: isForward ? target : source)
                bare.copy(from: isForward ? source : target, to: isForward ? target : source)
            }
        }
        #expect(separated.hazards().isEmpty, "seed \(seed)")
        #expect(!bare.hazards().isEmpty, "seed \(seed)")
        #expect(separated.kinds.count { $0 == "barrier" } < 99, "seed \(seed)")
    }

    @Test func aRecordingPrintsAsItsCommands() throws {
        let (a, b) = (try slice(64, "left"), try slice(64, "right"))
        var recording = Recording()
        recording.fill(a, with: 9)
        recording.copy(from: a, to: b)
        #expect(
            recording.description
                == "fill left, 64 bytes of 9\nbarrier\ncopy left -> right, 64 bytes"
        )
    }
}
