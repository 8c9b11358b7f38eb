import Foundation

/// What is known of a file that is partly here, in a small file beside it, so that another process
/// goes on where this one was killed.
package struct DownloadJournal: Codable, Sendable, Equatable {
    /// What makes the file on the server the one that was begun.
    package var byteCount: Int64
    package var sha256: String?
    package var entityTag: String?
    /// `[first, end]` of the ranges that are on the disk.
    private var received: [[Int64]] = []

    package init(byteCount: Int64, sha256: String?, entityTag: String?) {
        (self.byteCount, self.sha256, self.entityTag) = (byteCount, sha256, entityTag)
    }

    /// The ranges; none where the record makes no sense.
    package var ranges: ReceivedRanges {
        get {
            var ranges = ReceivedRanges()
            for pair in received {
                guard pair.count == 2, 0 <= pair[0], pair[0] < pair[1], pair[1] <= byteCount else {
                    return ReceivedRanges()
                }
                ranges.insert(pair[0]..<pair[1])
            }
            return ranges
        }
        set { received = newValue.ranges.map { [$0.lowerBound, $0.upperBound] } }
    }

    /// Whether what was begun can be gone on with: the same bytes, as far as can be known. Without
    /// a checksum or a tag nobody can know.
    package func continues(_ other: DownloadJournal) -> Bool {
        guard byteCount == other.byteCount else { return false }
        if let sha256, let theirs = other.sha256 { return sha256 == theirs }
        return entityTag != nil && entityTag == other.entityTag
    }

    /// The journal at `path`, or nil where there is none that can be read.
    package init?(path: String) {
        guard let data = FileManager.default.contents(atPath: path), data.count < 1 << 20,
            let journal = try? JSONDecoder().decode(DownloadJournal.self, from: data)
        else { return nil }
        self = journal
    }

    package func write(to path: String) throws(ModelStoreError) {
        do {
            let data = try JSONEncoder().encode(self)
            try data.write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw .fileSystem(path: path, reason: error.localizedDescription)
        }
    }
}
