package import Inference

/// Metrics in Prometheus's text format, version 0.0.4.
///
/// Numbers and label order are those of Python's client, whose output vLLM's users know.
package struct PrometheusText {
    package private(set) var text = ""

    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Name and value; written in alphabetical order.
    package typealias Labels = [String: String]

    package enum Kind: String {
        case gauge, counter
    }

    /// Whether metrics that vLLM has too are also written under its names.
    private let withVLLM: Bool

    package init(withVLLM: Bool = true) {
        self.withVLLM = withVLLM
    }

    /// One metric with one sample.
    package mutating func add(
        _ kind: Kind,
        _ name: MetricName,
        _ help: String,
        _ labels: Labels,
        _ value: Double
    ) {
        add(kind, name, help, [(labels, value)])
    }

    /// One metric with a sample for each set of labels.
    package mutating func add(
        _ kind: Kind,
        _ name: MetricName,
        _ help: String,
        _ samples: [(labels: Labels, value: Double)]
    ) {
        for name in name.names(withVLLM: withVLLM) {
            header(name, help, type: kind.rawValue)
            for sample in samples { line(name, sample.labels, sample.value) }
        }
    }

    /// A histogram: cumulative counts by upper bound, their sum and their number.
    package mutating func add(
        histogram name: MetricName,
        _ help: String,
        _ labels: Labels,
        _ histogram: Histogram
    ) {
        add(histogram: name, help, [(labels, histogram)])
    }

    /// One metric with a histogram for each set of labels.
    package mutating func add(
        histogram name: MetricName,
        _ help: String,
        _ samples: [(labels: Labels, histogram: Histogram)]
    ) {
        for name in name.names(withVLLM: withVLLM) {
            header(name, help, type: "histogram")
            for sample in samples { lines(name, sample.labels, sample.histogram) }
        }
    }

    private mutating func lines(_ name: String, _ labels: Labels, _ histogram: Histogram) {
        var cumulative = 0
        for (bound, count) in zip(histogram.bounds + [.infinity], histogram.counts) {
            cumulative += count
            let bucket = labels.merging(["le": Self.format(bound)]) { $1 }
            line(name + "_bucket", bucket, Double(cumulative))
        }
        line(name + "_count", labels, Double(cumulative))
        line(name + "_sum", labels, histogram.sum)
    }

    private mutating func header(_ name: String, _ help: String, type: String) {
        text += "# HELP \(name) \(Self.escape(help, quotes: false))\n# TYPE \(name) \(type)\n"
    }

    private mutating func line(_ name: String, _ labels: Labels, _ value: Double) {
        text += name
        if !labels.isEmpty {
            let pairs = labels.sorted { $0.key < $1.key }.map {
                "\($0.key)=\"\(Self.escape($0.value))\""
            }
            text += "{\(pairs.joined(separator: ","))}"
        }
        text += " \(Self.format(value))\n"
    }

    private static func format(_ value: Double) -> String {
        switch value {
        case .infinity: "+Inf"
        case -.infinity: "-Inf"
        default: value.isNaN ? "NaN" : "\(value)"
        }
    }

    private static func escape(_ text: String, quotes: Bool = true) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
