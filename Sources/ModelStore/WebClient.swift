import Foundation

/// GETs that follow redirects, without showing a secret to a server that it is not for.
struct WebClient: Sendable {
    var limits = StoreLimits()
    /// A token, and the server that may see it.
    var credential: Credential?

    struct Credential: Sendable {
        let token: String
        let origin: WebAddress
    }

    /// What is asked for.
    struct Request {
        var address: WebAddress
        var range: ClosedRange<Int64>?
        /// The strong ETag that the file must still have for a range of it to be sent.
        var ifRange: String?
        var file: (descriptor: Int32, offset: Int64, status: Int, limit: Int64)?
        var bodyLimit: Int64
    }

    /// One round, without retries. What is returned is the answer after all redirects, whatever
    /// its status, broken or whole.
    func get(
        _ request: Request,
        _ state: TransferState
    ) throws(ModelStoreError) -> Transfer.Answer {
        var address = request.address
        for _ in 0...limits.redirectCount {
            let transfer = Transfer(
                address: address,
                headers: headers(of: request, to: address),
                file: request.file,
                bodyLimit: request.bodyLimit
            )
            let answer = try transfer.perform(state, limits)
            guard [301, 302, 303, 307, 308].contains(answer.status) else { return answer }
            guard let location = answer.headers["location"] else {
                throw .malformedAnswer(
                    address: address.shown,
                    problem: "status \(answer.status) without a Location"
                )
            }
            address = try address.following(location)
        }
        throw .malformedAnswer(
            address: request.address.shown,
            problem: "it redirects more than \(limits.redirectCount) times"
        )
    }

    private func headers(of request: Request, to address: WebAddress) -> [String] {
        // Whatever is behind another encoding has other bytes than were published.
        var headers = ["Accept-Encoding: identity"]
        if let credential, credential.origin.hasOrigin(of: address) {
            headers.append("Authorization: Bearer \(credential.token)")
        }
        if let range = request.range {
            headers.append("Range: bytes=\(range.lowerBound)-\(range.upperBound)")
        }
        if let tag = request.ifRange { headers.append("If-Range: \(tag)") }
        return headers
    }

    /// One whole body of at most `bodyLimit` bytes, with retries. Waits on this thread.
    func body(
        of address: WebAddress,
        bodyLimit: Int64
    ) throws(ModelStoreError) -> [UInt8] {
        var attempts = Attempts(address: address, policy: limits.retries)
        while true {
            let answer = try get(
                Request(address: address, bodyLimit: bodyLimit),
                TransferState()
            )
            switch answer.outcome(expecting: [200]) {
            case .success: return answer.body
            case .tooLong:
                throw .malformedAnswer(
                    address: address.shown,
                    problem: "the answer is longer than \(bodyLimit) bytes"
                )
            case .final(let failure): throw failure.error(address)
            case .transient(let failure): try attempts.wait(after: failure)
            }
        }
    }
}

/// Why one attempt failed.
struct AttemptFailure {
    var status = 0
    var reason: String
    var retryAfter: Double?
    /// Whether there was no connection to get an answer by.
    var isOfConnection = false

    func error(_ address: WebAddress) -> ModelStoreError {
        if isOfConnection { return .notTrusted(address: address.shown, reason: reason) }
        guard status >= 400 else {
            return .malformedAnswer(address: address.shown, problem: reason)
        }
        return .refused(address: address.shown, status: status, advice: advice)
    }

    private var advice: String {
        switch status {
        case 401:
            "Set HF_TOKEN to a token that may read it, and check the name: hubs answer this for "
                + "what does not exist, too."
        case 403:
            "The licence may have to be accepted on the hub's page with the account of HF_TOKEN, "
                + "or the address was signed for a time that is over."
        case 404, 410: "There is no such file: check the name and the revision."
        default: "\(reason.isEmpty ? "The server gives no reason" : reason)."
        }
    }
}

extension Transfer.Answer {
    enum Outcome {
        case success
        /// The body went on beyond what was allowed.
        case tooLong
        case transient(AttemptFailure)
        case final(AttemptFailure)
    }

    /// What this answer means for a request that is served with one of these statuses.
    func outcome(expecting statuses: [Int]) -> Outcome {
        switch failure {
        case .refused(let message):
            return .final(AttemptFailure(reason: message, isOfConnection: true))
        case .notWritten(let reason):
            return .final(AttemptFailure(reason: "the file cannot be written: \(reason)"))
        case .broken(let message):
            return .transient(AttemptFailure(status: 0, reason: message))
        case .stopped: return .final(AttemptFailure(reason: "stopped"))
        case .tooLong, nil: break
        }
        if statuses.contains(status) { return failure == .tooLong ? .tooLong : .success }
        var reason = "status \(status)"
        if let line = errorLine { reason += ": \(line)" }
        let failure = AttemptFailure(
            status: status,
            reason: reason,
            retryAfter: headers.retryAfter
        )
        return RetryPolicy.isTransient(status: status) ? .transient(failure) : .final(failure)
    }

    /// The beginning of an error's body, if it is for people.
    private var errorLine: String? {
        let text = String(decoding: body.prefix(300), as: UTF8.self)
        let line = text.prefix { !$0.isNewline }
        let isPlain = line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0 != "<" }
        return line.isEmpty || !isPlain ? nil : String(line.prefix(200))
    }
}

/// Counts the failures of one request, and waits between them.
struct Attempts {
    let address: WebAddress
    let policy: RetryPolicy
    private var failures = 0

    init(address: WebAddress, policy: RetryPolicy) {
        (self.address, self.policy) = (address, policy)
    }

    /// Enough has arrived for failures to be counted anew.
    mutating func madeProgress() { failures = 0 }

    /// Waits on this thread as long as the policy says, or throws. Ends early, by throwing, when
    /// `state` is stopped.
    mutating func wait(
        after failure: AttemptFailure,
        _ state: TransferState? = nil
    ) throws(ModelStoreError) {
        failures += 1
        guard let delay = policy.delay(afterFailure: failures, requested: failure.retryAfter) else {
            throw .unreachable(
                address: address.shown,
                attemptCount: failures,
                reason: failure.reason
            )
        }
        let end = Date().addingTimeInterval(delay)
        while Date() < end {
            if state?.isStopped == true { throw .stopped }
            Thread.sleep(forTimeInterval: min(0.1, max(0, end.timeIntervalSinceNow)))
        }
    }
}
