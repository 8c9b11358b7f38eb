/// Two commands of a recording that touch the same memory with no barrier between them.
public struct Hazard: Sendable, Equatable, CustomStringConvertible {
    /// Positions in `Recording.commands`.
    public let earlier: Int
    public let later: Int
    public let description: String
}

extension Recording {
    /// Every pair of commands that could run in either order though it matters.
    ///
    /// The validation layer cannot see through device addresses, so this is the proof that the
    /// barriers suffice. It compares all pairs between barriers and shares no state with the code
    /// that places them. For tests, and for every submission under `PUMICE_CHECK_HAZARDS=1`.
    public func hazards() -> [Hazard] {
        var found: [Hazard] = []
        var segment: [(index: Int, access: Access)] = []
        for (index, command) in commands.enumerated() {
            guard let access = command.access else {
                segment.removeAll(keepingCapacity: true)
                continue
            }
            for earlier in segment where access.conflicts(with: earlier.access) {
                found.append(
                    Hazard(
                        earlier: earlier.index,
                        later: index,
                        description: "command \(index) conflicts with command \(earlier.index): "
                            + "\(Self.name(commands[earlier.index])), then \(Self.name(command))"
                    )
                )
            }
            segment.append((index, access))
        }
        return found
    }

    private static func name(_ command: Command) -> String {
        switch command {
        case .dispatch(let dispatch): dispatch.pipeline.name
        case .copy: "copy"
        case .fill: "fill"
        case .barrier: "barrier"
        }
    }
}
