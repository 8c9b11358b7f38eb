/// What a server may make this process do before it is refused or given up.
package struct StoreLimits: Sendable {
    /// Bytes of a hub's description of a repository; large ones have 100 KiB.
    package var listingByteCount: Int64 = 16 << 20
    /// Bytes of an error's body, of which a line is shown.
    package var errorByteCount: Int64 = 64 << 10
    /// Files of a repository.
    package var fileCount = 10_000
    /// Bytes of one file; the largest published ones have 50 GB, as hubs split what is larger.
    package var fileByteCount: Int64 = 1 << 42
    /// Redirects of one request.
    package var redirectCount = 10
    /// Bytes of one range request: small enough that a lost connection costs little, large enough
    /// that opening connections does.
    package var chunkByteCount: Int64 = 32 << 20
    /// Ranges of one file at a time.
    package var connectionCount = 4
    /// Seconds until a connection must stand.
    package var connectSeconds = 20
    /// Seconds in which fewer than `stallBytesPerSecond` arrive before a connection is given up.
    package var stallSeconds = 30
    package var stallBytesPerSecond = 1024
    /// Bytes that stay free on the disk.
    package var spareByteCount: Int64 = 64 << 20
    /// How attempts are spaced.
    package var retries = RetryPolicy()
    /// Seconds between two records of how far a download is.
    package var journalSeconds = 1.0
    /// Seconds for which another process may hold a lock without its file growing.
    package var busySeconds = 180
    /// Seconds between two looks at a lock.
    package var lockPollSeconds = 0.5

    package init() {}
}
