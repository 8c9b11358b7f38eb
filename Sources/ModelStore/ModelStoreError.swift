/// Why a model could not be had.
public enum ModelStoreError: Error, Equatable {
    /// libcurl cannot be opened on this machine.
    case noLibcurl(reason: String)
    /// What was asked for is no path, repository or address.
    case invalidReference(String, problem: String)
    /// No connection can be made in this way, as with a certificate that is not trusted.
    case notTrusted(address: String, reason: String)
    /// A server answered that it will not give this.
    case refused(address: String, status: Int, advice: String)
    /// No attempt reached the end of the file; `reason` is the last failure.
    case unreachable(address: String, attemptCount: Int, reason: String)
    /// A server's answer contradicts itself, the request, or a limit.
    case malformedAnswer(address: String, problem: String)
    /// The bytes are not those that were published.
    case wrongChecksum(file: String, expected: String, found: String)
    /// The file on the server became another one while it was downloaded.
    case changed(address: String)
    /// The repository is there and has no such file; `available` says what it has.
    case noSuchFile(repository: String, wanted: String, available: [String])
    /// The disk has too little room.
    case noRoom(folder: String, needed: Int64, free: Int64)
    /// The system would not let a file be written, moved or locked.
    case fileSystem(path: String, reason: String)
    /// Another process downloads the same file and makes no progress.
    case busy(path: String, seconds: Int)
    /// The transfer was told to stop, because another part of the same file failed.
    case stopped
}

extension ModelStoreError: CustomStringConvertible {
    /// One or two sentences that say what is wrong and what to do. An address is shown without its
    /// query, which may hold a signature.
    public var description: String {
        switch self {
        case .noLibcurl(let reason):
            "Downloading needs libcurl, and it cannot be opened: \(reason). Install it (Debian and "
                + "Ubuntu: libcurl4), or give the path of a file that is here."
        case .invalidReference(let text, let problem):
            "The model '\(text)' \(problem)."
        case .notTrusted(let address, let reason):
            "\(address) cannot be asked: \(reason). Certificates to trust besides the system's are "
                + "those of the file that SSL_CERT_FILE names."
        case .refused(let address, let status, let advice):
            "\(address) was answered with status \(status). \(advice)"
        case .unreachable(let address, let attemptCount, let reason):
            "\(address) could not be downloaded in \(attemptCount) attempts; the last failed: "
                + "\(reason). What has arrived is kept: run it again to go on from there."
        case .malformedAnswer(let address, let problem):
            "\(address) was answered wrongly: \(problem)."
        case .wrongChecksum(let file, let expected, let found):
            "\(file) is not what was published: its SHA-256 is \(found), expected \(expected). It "
                + "was deleted; download it again, and do not trust its source if this repeats."
        case .changed(let address):
            "\(address) changed while it was downloaded; run it again for the new file."
        case .noSuchFile(let repository, let wanted, let available):
            "The repository \(repository) has no \(wanted). "
                + (available.isEmpty
                    ? "It has no model in it." : "It has: \(available.joined(separator: ", ")).")
        case .noRoom(let folder, let needed, let free):
            "\(folder) has \(megabytes(free)) MB free and the model needs \(megabytes(needed)) MB "
                + "more: make room, or choose another place with --download-dir."
        case .fileSystem(let path, let reason):
            "\(path) cannot be written: \(reason)."
        case .busy(let path, let seconds):
            "Another process holds \(path) and has made no progress for \(seconds) s: end it, and "
                + "run this again."
        case .stopped:
            "The download was stopped."
        }
    }
}

private func megabytes(_ byteCount: Int64) -> Int64 { (byteCount + 999_999) / 1_000_000 }
