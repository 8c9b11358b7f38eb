import Foundation

/// The two ways of giving out memory as a picture: what each holds over the run, and how much of
/// that holds tokens.
public struct CapacityChart: Sendable {
    public var paged: CapacityResult
    public var reserved: CapacityResult
    /// A line below the title, such as the workload's parameters.
    public var caption: String

    public init(paged: CapacityResult, reserved: CapacityResult, caption: String) {
        self.paged = paged
        self.reserved = reserved
        self.caption = caption
    }

    private static let panelWidth = 420.0
    private static let panelHeight = 220.0

    /// An SVG document.
    public var svg: String {
        let steps = max(paged.stepCount, reserved.stepCount, 1)
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 360" \
            font-family="system-ui, sans-serif" font-size="13" fill="#1c1c22">
            <rect width="960" height="360" fill="#ffffff"/>
            <text x="40" y="34" font-size="18" font-weight="600">The same KV memory, the same \
            requests</text>
            <text x="40" y="56" fill="#666674">\(escaped(caption))</text>
            \(panel(reserved, x: 40, steps: steps, color: "#c2410c", title: "reserved up front"))
            \(panel(paged, x: 500, steps: steps, color: "#0f766e", title: "paged"))
            </svg>

            """
    }

    private func panel(
        _ result: CapacityResult,
        x: Double,
        steps: Int,
        color: String,
        title: String
    ) -> String {
        let top = 90.0
        let bottom = top + Self.panelHeight
        let held = area(result, x: x, bottom: bottom, steps: steps) { $0.allocatedSlotCount }
        let used = area(result, x: x, bottom: bottom, steps: steps) { $0.usedSlotCount }
        let summary =
            "\(number(result.meanRunningCount)) requests at once, waste "
            + "\(number(100 * result.wasteRatio)) %, \(result.stepCount) steps"
        return """
            <rect x="\(x)" y="\(top)" width="\(Self.panelWidth)" height="\(Self.panelHeight)" \
            fill="#f4f4f6"/>
            <path d="\(held)" fill="\(color)" fill-opacity="0.25"/>
            <path d="\(used)" fill="\(color)"/>
            <text x="\(x)" y="82" font-weight="600">\(title)</text>
            <text x="\(x)" y="\(bottom + 22)">\(summary)</text>
            <text x="\(x)" y="\(bottom + 42)" fill="#666674">dark: slots that hold tokens; light: \
            held and empty; grey: free</text>
            """
    }

    /// The outline of a quantity over the steps; at most as many points as the panel is wide.
    private func area(
        _ result: CapacityResult,
        x: Double,
        bottom: Double,
        steps: Int,
        _ value: (CapacityResult.Sample) -> Int
    ) -> String {
        guard !result.samples.isEmpty else { return "" }
        let stride = max(1, steps / Int(Self.panelWidth))
        var points = ["M\(number(x)) \(number(bottom))"]
        var lastX = x
        for index in Swift.stride(from: 0, to: result.samples.count, by: stride) {
            let share = Double(value(result.samples[index])) / Double(result.slotCount)
            lastX = x + Self.panelWidth * Double(index) / Double(steps)
            points.append("L\(number(lastX)) \(number(bottom - Self.panelHeight * share))")
        }
        points.append("L\(number(lastX)) \(number(bottom))Z")
        return points.joined()
    }

    private func number(_ value: Double) -> String { String(format: "%.1f", value) }

    private func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;")
            .replacingOccurrences(of: "<", with: "&lt;")
    }
}
