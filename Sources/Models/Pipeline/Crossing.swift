import Kernels
import Vulkan

/// Where a step's residual stream crosses from one stage's device to the next one's: through memory
/// of the host, because a device cannot reach another's.
///
/// The stream's norm goes with it: the last layer's product has made it already, and making it
/// again elsewhere could round otherwise.
struct Crossing {
    /// float[2][tokens][hidden], written by the device that comes before.
    private let departure: BufferSlice
    /// The same for the device that comes after.
    private let arrival: BufferSlice

    init(
        from: Device,
        to: Device,
        _ configuration: ModelConfiguration,
        limits: StepLimits
    ) throws(VulkanError) {
        let byteCount = 2 * 4 * configuration.hiddenSize * limits.tokenCount
        departure = try Buffer(
            from,
            byteCount: byteCount,
            use: .readback,
            label: "departing hidden states"
        ).whole
        arrival = try Buffer(
            to,
            byteCount: byteCount,
            use: .upload,
            label: "arriving hidden states"
        ).whole
    }

    /// Records the way out of the activations of the device that comes before.
    func recordDeparture(of a: Activations, tokenCount: Int, into recording: inout Recording) {
        for (index, matrix) in [a.hidden, a.normed].enumerated() {
            let byteCount = Self.byteCount(matrix, tokenCount)
            recording.copy(
                from: matrix.slice.slice(at: 0, byteCount: byteCount),
                to: departure.slice(at: index * byteCount, byteCount: byteCount)
            )
        }
    }

    /// Takes the bytes of a step of `tokenCount` across. The device before must be done with them,
    /// the one after not have begun.
    func carry(hiddenSize: Int, tokenCount: Int) {
        let byteCount = 2 * 4 * hiddenSize * tokenCount
        arrival.slice(at: 0, byteCount: byteCount)
            .write(from: departure.slice(at: 0, byteCount: byteCount))
    }

    /// Records the way into the activations of the device that comes after.
    func recordArrival(in a: Activations, tokenCount: Int, into recording: inout Recording) {
        for (index, matrix) in [a.hidden, a.normed].enumerated() {
            let byteCount = Self.byteCount(matrix, tokenCount)
            recording.copy(
                from: arrival.slice(at: index * byteCount, byteCount: byteCount),
                to: matrix.slice.slice(at: 0, byteCount: byteCount)
            )
        }
    }

    private static func byteCount(_ matrix: ActivationMatrix, _ tokenCount: Int) -> Int {
        4 * matrix.columns * tokenCount
    }
}
