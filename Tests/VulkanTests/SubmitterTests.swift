import Kernels
import Testing
import Vulkan

@Suite(.needsDevice)
struct SubmitterTests {
    private let fixture: Fixture

    init() throws {
        fixture = try Fixture()
    }

    /// Each submission adds to what the one before left: only in order is the sum right.
    @Test func submissionsRunInTheirOrder() throws {
        let a = try fixture.matrix(0, label: "a")
        let log = try fixture.matrix(0, label: "log")
        var last: Submission?
        for step in 0..<Fixture.rows {
            var recording = Recording()
            recording.fill(a.slice, with: Float(step).bitPattern)
            let rowBytes = Fixture.columns * 4
            recording.copy(
                from: a.slice.slice(at: 0, byteCount: rowBytes),
                to: log.slice.slice(at: step * rowBytes, byteCount: rowBytes)
            )
            last = try fixture.submitter.submit(recording)
        }
        try fixture.submitter.wait(try #require(last))
        let rows = fixture.values(log)
        for step in 0..<Fixture.rows {
            #expect(rows[step * Fixture.columns] == Float(step))
        }
        fixture.expectValid()
    }

    @Test func whatOneSubmissionWritesTheNextReads() throws {
        let (x, y) = (try fixture.gateUp(2, label: "x"), try fixture.matrix(0, label: "y"))
        let z = try fixture.matrix(0, label: "z")
        let weight = try fixture.matrix(3, label: "weight")
        var first = KernelRecorder(fixture.library)
        try first.gatedActivation(x, .siluMul, into: y, tokenCount: Fixture.rows)
        var second = KernelRecorder(fixture.library)
        try second.rmsNorm(
            y,
            weight: weight.slice,
            into: z,
            rowCount: Fixture.rows,
            epsilon: 0
        )
        let submission = try fixture.submitter.submit(first.recording)
        try fixture.submitter.run(second.recording)
        // A row of equal numbers has them as its root mean square.
        #expect(fixture.values(z).allSatisfy { abs($0 - 3) < 1e-5 })
        try fixture.submitter.wait(submission)
        fixture.expectValid()
    }

    /// What was prepared in one order is launched in it, each once the one before is known.
    @Test func whatIsPreparedRunsWhenItIsLaunched() throws {
        let a = try fixture.matrix(0, label: "a")
        let prepared = try [1, 2].map { value in
            var recording = Recording()
            recording.fill(a.slice, with: Float(value).bitPattern)
            return try fixture.submitter.prepare(recording)
        }
        for (submission, value) in zip(prepared, [1, 2] as [Float]) {
            #expect(try !fixture.submitter.isDone(submission))
            #expect(fixture.values(a).allSatisfy { $0 == value - 1 })
            try fixture.submitter.launch(submission)
            try fixture.submitter.wait(submission) {}
            #expect(try fixture.submitter.isDone(submission))
            #expect(fixture.values(a).allSatisfy { $0 == value })
        }
        fixture.expectValid()
    }

    @Test func waitingTwiceAndOutOfOrderIsFine() throws {
        let a = try fixture.matrix(0, label: "a")
        var recording = Recording()
        recording.fill(a.slice, with: Float(5).bitPattern)
        let first = try fixture.submitter.submit(recording)
        let second = try fixture.submitter.submit(recording)
        try fixture.submitter.wait(second)
        try fixture.submitter.wait(first)
        try fixture.submitter.wait(first)
        #expect(first != second)
        #expect(fixture.values(a).allSatisfy { $0 == 5 })
    }

    @Test(.enabled(if: isValidating, "PUMICE_VALIDATION=1 turns the layer on"))
    func theValidationLayersComplaintsAreCounted() throws {
        let a = try fixture.matrix(0, label: "a").slice
        var recording = Recording()
        // Vulkan forbids copies between ranges that overlap.
        recording.copy(from: a.slice(at: 0, byteCount: 64), to: a.slice(at: 32, byteCount: 64))
        try fixture.submitter.run(recording)
        #expect(fixture.device.validationErrorCount > 0)
    }

    /// The first submission waits for the driver; pipelines that nobody waits for do no harm.
    @Test func pipelinesCompiledAheadAreWaitedFor() throws {
        let (x, y) = (try fixture.gateUp(2, label: "x"), try fixture.matrix(0, label: "y"))
        let weight = try fixture.matrix(3, label: "weight")
        fixture.library.compilesAhead = true
        var recorder = KernelRecorder(fixture.library)
        try recorder.gatedActivation(x, .siluMul, into: y, tokenCount: Fixture.rows)
        try recorder.rmsNorm(y, weight: weight.slice, into: y, rowCount: Fixture.rows, epsilon: 0)
        for _ in 0..<2 { try fixture.submitter.run(recorder.recording) }
        #expect(fixture.values(y).allSatisfy { abs($0 - 3) < 1e-5 })

        let idle = KernelLibrary(fixture.device)
        idle.compilesAhead = true
        var other = KernelRecorder(idle)
        try other.gatedActivation(x, .geluMul, into: y, tokenCount: Fixture.rows)
        fixture.expectValid()
    }

    @Test func anEmptyRecordingRuns() throws {
        try fixture.submitter.run(Recording())
        fixture.expectValid()
    }

    @Test func aProfiledSubmissionHasATimeForEveryDispatch() throws {
        try #require(fixture.device.properties.timestampPeriod != nil)
        let (x, y) = (try fixture.gateUp(2, label: "x"), try fixture.matrix(0, label: "y"))
        let weight = try fixture.matrix(1, label: "weight")
        var recorder = KernelRecorder(fixture.library)
        try recorder.gatedActivation(x, .siluMul, into: y, tokenCount: 3)
        recorder.recording.fill(x.slice, with: 0)
        try recorder.rmsNorm(y, weight: weight.slice, into: y, rowCount: 3, epsilon: 0)
        let submission = try fixture.submitter.submit(recorder.recording, profile: true)
        try fixture.submitter.wait(submission)
        let timings = fixture.submitter.timings(of: submission)
        #expect(timings.count == 2)
        #expect(timings.first?.name == "gated_activation")
        #expect(timings.last?.name.hasPrefix("rms_norm") == true)
        for timing in timings {
            #expect(timing.durationNanoseconds >= 0 && timing.startNanoseconds >= 0)
            #expect(timing.durationNanoseconds < 60e9)
        }
        fixture.expectValid()
    }

    /// A slot's queries outlive the submission that asked for them.
    @Test func aSubmissionThatIsNotProfiledHasNoTimes() throws {
        let (x, y) = (try fixture.gateUp(2, label: "x"), try fixture.matrix(0, label: "y"))
        var recorder = KernelRecorder(fixture.library)
        try recorder.gatedActivation(x, .siluMul, into: y, tokenCount: 3)
        for profile in [true, false, true, false, true, false, false] {
            let submission = try fixture.submitter.submit(recorder.recording, profile: profile)
            try fixture.submitter.wait(submission)
            let count = fixture.submitter.timings(of: submission).count
            #expect(count == (profile && fixture.device.properties.timestampPeriod != nil ? 1 : 0))
        }
        fixture.expectValid()
    }

    /// Tokens are delivered between the two: what waits for later work keeps them back.
    @Test func timesOfASubmissionAreThereWhileALaterOneRuns() throws {
        let (x, y) = (try fixture.gateUp(2, label: "x"), try fixture.matrix(0, label: "y"))
        var short = KernelRecorder(fixture.library)
        try short.gatedActivation(x, .siluMul, into: y, tokenCount: 3)
        // Half a second and more of CPU drivers.
        var long = KernelRecorder(fixture.library)
        for _ in 0..<50_000 {
            try long.gatedActivation(x, .siluMul, into: y, tokenCount: Fixture.rows)
        }
        let first = try fixture.submitter.submit(short.recording)
        let second = try fixture.submitter.submit(long.recording)
        try fixture.submitter.wait(first)
        let span = fixture.submitter.span(of: first)
        #expect(try !fixture.submitter.isDone(second))
        try fixture.submitter.wait(second)
        if fixture.device.properties.timestampPeriod != nil {
            let (span, later) = (try #require(span), fixture.submitter.span(of: second))
            #expect(span.seconds >= 0 && span.seconds < 60)
            #expect(try #require(later).seconds > span.seconds)
        }
        fixture.expectValid()
    }
}
