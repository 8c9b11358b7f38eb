/// How the last hidden states of a prompt's tokens become one vector.
public enum Pooling: String, Sendable, CaseIterable {
    /// Their mean.
    case mean
    /// That of the last token, which alone has seen all others.
    case last
}
