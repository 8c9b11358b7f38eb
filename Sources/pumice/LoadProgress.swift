import Foundation
import Synchronization

/// Shows on standard error how far a load is, once it takes longer than two seconds.
final class LoadProgress: Sendable {
    private let path: String
    private let start = ContinuousClock.now
    private let lastShown = Mutex(ContinuousClock.now)

    init(path: String) {
        self.path = path
    }

    /// - Parameter share: 0 to 1.
    func report(_ share: Double) {
        let now = ContinuousClock.now
        guard now - start > .seconds(2) else { return }
        let isDue = lastShown.withLock { last in
            guard now - last > .seconds(1) else { return false }
            last = now
            return true
        }
        guard isDue else { return }
        FileHandle.standardError.write(Data("Loading \(path): \(Int(share * 100)) %\n".utf8))
    }
}
