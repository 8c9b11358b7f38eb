import Checkpoints
import Foundation

/// Rotary position embedding (Su et al. 2021) and how it is stretched to longer contexts.
public struct RotaryConfiguration: Sendable, Equatable {
    /// How positions are scaled.
    public enum Scaling: Sendable, Equatable {
        case none
        /// Positions are divided by a factor (Chen et al. 2023).
        case linear(factor: Double)
        /// YaRN (Peng et al. 2023): high frequencies stay, low ones are divided, in between a ramp.
        case yarn(
            factor: Double,
            originalContextLength: Int,
            betaFast: Double,
            betaSlow: Double,
            attentionFactor: Double,
            roundsRamp: Bool
        )
        /// Llama 3.1's: frequencies that turn at most `lowFactor` times over the original context
        /// are divided by a factor, those that turn at least `highFactor` times stay, in between a
        /// ramp. GGUF files have the result instead, `rope_freqs`.
        case llama3(
            factor: Double,
            originalContextLength: Int,
            lowFactor: Double,
            highFactor: Double
        )
        /// LongRoPE (Ding et al. 2024): each frequency has a divisor of its own, one for models
        /// that are to see more than the original context and one for those that are not.
        case longrope(originalContextLength: Int, attentionFactor: Double)
    }

    public var base: Double
    /// Leading elements of a head that are rotated.
    public var rotatedSize: Int
    public var scaling: Scaling

    public init(base: Double, rotatedSize: Int, scaling: Scaling = .none) {
        self.base = base
        self.rotatedSize = rotatedSize
        self.scaling = scaling
    }

    init(
        _ metadata: Metadata,
        architecture: String,
        headSize: Int,
        contextLength: Int,
        roundsRamp: Bool
    ) throws {
        func key(_ name: String) -> String { "\(architecture).rope.\(name)" }
        base = try metadata.optionalFloat(key("freq_base")) ?? 10_000
        rotatedSize = try metadata.optionalInteger(key("dimension_count")) ?? headSize
        let type = try metadata.optionalString(key("scaling.type")) ?? "none"
        // Older files write the linear factor alone.
        let factor =
            try metadata.optionalFloat(key("scaling.factor"))
            ?? metadata.optionalFloat(key("scale_linear")) ?? 1
        guard factor > 0, factor.isFinite, base > 0, base.isFinite else {
            throw ModelError.badConfiguration(
                file: metadata.path,
                detail: "RoPE base \(base), scaling factor \(factor)"
            )
        }
        let attentionFactor = try metadata.optionalFloat(key("scaling.attn_factor"))
        switch type {
        // Files of Phi-3 do not name it.
        case "longrope",
            "none" where attentionFactor != nil:
            scaling = .longrope(
                originalContextLength: try metadata.integer(
                    key("scaling.original_context_length")
                ),
                attentionFactor: attentionFactor ?? 1
            )
        case "none": scaling = factor == 1 ? .none : .linear(factor: factor)
        case "linear": scaling = .linear(factor: factor)
        case "yarn":
            scaling = .yarn(
                factor: factor,
                originalContextLength: try metadata.optionalInteger(
                    key("scaling.original_context_length")
                ) ?? contextLength,
                betaFast: try metadata.optionalFloat(key("scaling.yarn_beta_fast")) ?? 32,
                betaSlow: try metadata.optionalFloat(key("scaling.yarn_beta_slow")) ?? 1,
                attentionFactor: attentionFactor ?? 1,
                roundsRamp: roundsRamp
            )
        case "llama3":
            scaling = .llama3(
                factor: factor,
                originalContextLength: try metadata.integer(
                    key("scaling.original_context_length")
                ),
                lowFactor: try metadata.float(key("scaling.low_freq_factor")),
                highFactor: try metadata.float(key("scaling.high_freq_factor"))
            )
        case let other:
            throw ModelError.badConfiguration(
                file: metadata.path,
                detail: "the RoPE scaling `\(other)` is not supported (none, linear, yarn, llama3, "
                    + "longrope are)"
            )
        }
    }

    /// The angle a position turns each pair by, per position: radians[rotatedSize / 2], and a
    /// factor for cosines and sines.
    /// - Parameter divisors: per-pair divisors of the frequency, as Llama 3.1's `rope_freqs` and
    ///   LongRoPE's factors.
    func frequencies(divisors: [Float]?) -> (radians: [Double], magnitude: Double) {
        let pairs = rotatedSize / 2
        var radians = (0..<pairs).map { pow(base, -2 * Double($0) / Double(rotatedSize)) }
        if let divisors { for i in 0..<pairs { radians[i] /= Double(divisors[i]) } }
        switch scaling {
        case .none: return (radians, 1)
        case .longrope(_, let attentionFactor): return (radians, attentionFactor)
        case .linear(let factor): return (radians.map { $0 / factor }, 1)
        case .yarn(
            let factor,
            let original,
            let betaFast,
            let betaSlow,
            let attentionFactor,
            let roundsRamp
        ):
            // The pair whose wavelength makes `turns` turns over the original context.
            func pair(turning turns: Double) -> Double {
                Double(rotatedSize) * log(Double(original) / (turns * 2 * .pi)) / (2 * log(base))
            }
            var (low, high) = (pair(turning: betaFast), pair(turning: betaSlow))
            if roundsRamp { (low, high) = (low.rounded(.down), high.rounded(.up)) }
            (low, high) = (max(0, low), min(Double(rotatedSize - 1), high))
            for i in 0..<pairs {
                let ramp = min(1, max(0, (Double(i) - low) / max(0.001, high - low)))
                radians[i] = radians[i] * (1 - ramp) + radians[i] / factor * ramp
            }
            return (radians, attentionFactor * (1 + 0.1 * log(factor)))
        case .llama3(let factor, let original, let lowFactor, let highFactor):
            for i in 0..<pairs {
                let turns = Double(original) * radians[i] / (2 * .pi)
                let ramp = min(1, max(0, (turns - lowFactor) / (highFactor - lowFactor)))
                radians[i] = radians[i] / factor * (1 - ramp) + radians[i] * ramp
            }
            return (radians, 1)
        }
    }

    /// The cosines and sines of every position: float[positionCount][rotatedSize / 2][2].
    ///
    /// A table costs little memory and spares kernels the sine of large angles, whose precision
    /// Vulkan does not promise.
    func table(positionCount: Int, divisors: [Float]?) -> [Float] {
        let (radians, magnitude) = frequencies(divisors: divisors)
        var table: [Float] = []
        table.reserveCapacity(positionCount * rotatedSize)
        for position in 0..<positionCount {
            for angle in radians {
                table.append(Float(cos(Double(position) * angle) * magnitude))
                table.append(Float(sin(Double(position) * angle) * magnitude))
            }
        }
        return table
    }
}
