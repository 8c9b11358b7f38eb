/// What the server says of a file before it is downloaded.
struct RemoteFile: Sendable {
    let byteCount: Int64?
    let entityTag: String?
    let servesRanges: Bool

    /// Asks for the first byte: signed addresses are for GET only, and what answers this with a
    /// range serves ranges.
    init(of download: FileDownload) throws(ModelStoreError) {
        let (address, client) = (download.address, download.client)
        var attempts = Attempts(address: address, policy: client.limits.retries)
        let answer: Transfer.Answer
        while true {
            let attempt = try client.get(
                .init(address: address, range: 0...0, bodyLimit: client.limits.errorByteCount),
                TransferState()
            )
            let outcome = attempt.outcome(expecting: [200, 206, 416])
            if case .final(let failure) = outcome { throw failure.error(address) }
            if case .transient(let failure) = outcome {
                try attempts.wait(after: failure)
                continue
            }
            answer = attempt
            break
        }
        entityTag = answer.headers.strongETag
        switch (answer.status, answer.headers.contentRange) {
        case (206, let (range, total)?) where range == 0...0:
            (byteCount, servesRanges) = (total, true)
        case (416, let (nil, total)?) where total == 0:
            (byteCount, servesRanges) = (0, false)
        case (416, _), (206, .some):
            throw .malformedAnswer(
                address: address.shown,
                problem: "asked for the first byte, it answers with another range"
            )
        default:
            (byteCount, servesRanges) = (answer.headers.byteCount("content-length"), false)
        }
        try check(answer.headers, download)
    }

    private func check(
        _ headers: HeaderFields,
        _ download: FileDownload
    ) throws(ModelStoreError) {
        let shown = download.address.shown
        if let byteCount, byteCount > download.client.limits.fileByteCount {
            throw .malformedAnswer(address: shown, problem: "the file has \(byteCount) bytes")
        }
        if let byteCount, let expected = download.byteCount, byteCount != expected {
            throw .malformedAnswer(
                address: shown,
                problem: "the file has \(byteCount) bytes, and was published with \(expected)"
            )
        }
        if let encoding = headers["content-encoding"], encoding.lowercased() != "identity" {
            throw .malformedAnswer(address: shown, problem: "the file is encoded as \(encoding)")
        }
        if headers["content-type"]?.lowercased().hasPrefix("text/html") == true {
            throw .malformedAnswer(
                address: shown,
                problem: "it is a web page and no file, as when one must log in first"
            )
        }
    }
}
