/// Why an adapter cannot be used.
public enum AdapterError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Nothing at the path is an adapter.
    case notFound(path: String, detail: String)
    /// A file that is damaged, or not what it says.
    case malformed(path: String, detail: String)
    /// An adapter that does what is not supported.
    case unsupported(path: String, feature: String)
    /// It changes a part of the model that adapters cannot change here.
    case unsupportedTarget(path: String, name: String, supported: [String])
    /// A factor of another shape than the model's matrix has.
    case wrongShape(path: String, name: String, found: [Int], expected: [Int])
    /// A rank beyond what the server has room for.
    case rankTooHigh(path: String, rank: Int, limit: Int)

    public var description: String {
        switch self {
        case .notFound(let path, let detail):
            "No adapter found for \(path): \(detail)."
        case .malformed(let path, let detail):
            "\(path): \(detail). The adapter is damaged or not one."
        case .unsupported(let path, let feature):
            "\(path): \(feature) is not supported."
        case .unsupportedTarget(let path, let name, let supported):
            "\(path): it changes `\(name)`, which adapters of this model cannot change. They can "
                + "change " + supported.joined(separator: ", ") + "."
        case .wrongShape(let path, let name, let found, let expected):
            "\(path): `\(name)` has the shape \(found), expected \(expected). The adapter is of "
                + "another model."
        case .rankTooHigh(let path, let rank, let limit):
            "\(path): the adapter's rank is \(rank), the limit is \(limit). Start the server with "
                + "a higher --max-lora-rank."
        }
    }
}
