internal import CCurl
import Foundation
import Synchronization

/// What may be known of a transfer while it runs, and how it is stopped: alone, or with all others
/// that are parts of the same download.
final class TransferState: Sendable {
    private let received = Atomic<Int64>(0)
    private let stopped = Atomic<Bool>(false)
    private let whole: TransferState?

    /// - Parameter whole: the download that this is a part of, which counts its bytes, too.
    init(partOf whole: TransferState? = nil) { self.whole = whole }

    /// Bytes that are in the file.
    var receivedCount: Int64 { received.load(ordering: .acquiring) }

    func add(_ byteCount: Int64) {
        received.add(byteCount, ordering: .releasing)
        whole?.add(byteCount)
    }

    var isStopped: Bool { stopped.load(ordering: .relaxed) || whole?.isStopped == true }

    func stop() { stopped.store(true, ordering: .relaxed) }
}

/// One GET, and where its body goes.
struct Transfer {
    var address: WebAddress
    var headers: [String] = []
    /// A file descriptor and the offset at which the body of an answer with `status` goes there.
    var file: (descriptor: Int32, offset: Int64, status: Int, limit: Int64)?
    /// The most bytes of any other body.
    var bodyLimit: Int64

    /// What came back.
    struct Answer: Sendable {
        var status: Int
        var headers: HeaderFields
        var body: [UInt8]
        /// Bytes that are in the file.
        var writtenCount: Int64
        /// Why the body is not whole, or nil.
        var failure: Failure?
    }

    enum Failure: Sendable, Equatable {
        /// The connection broke; another attempt may do better.
        case broken(String)
        /// Another attempt would fail in the same way.
        case refused(String)
        case tooLong
        case notWritten(String)
        case stopped
    }

    /// Performs it on this thread, which waits.
    func perform(_ state: TransferState, _ limits: StoreLimits) throws(ModelStoreError) -> Answer {
        if let reason = unsafe pumice_curl_load() {
            throw .noLibcurl(reason: unsafe String(cString: reason))
        }
        var answer = unsafe PumiceAnswer()
        unsafe get(state, limits, &answer)
        defer { unsafe pumice_answer_free(&answer) }
        let headers = unsafe answer.headers.map { unsafe String(cString: $0) } ?? ""
        let body = unsafe UnsafeBufferPointer(start: answer.body, count: Int(answer.body_count))
        return unsafe Answer(
            status: answer.status,
            headers: HeaderFields(lines: headers),
            body: Array(body),
            writtenCount: answer.written_count,
            failure: failure(answer)
        )
    }

    private func get(
        _ state: TransferState,
        _ limits: StoreLimits,
        _ answer: inout PumiceAnswer
    ) {
        let environment = ProcessInfo.processInfo.environment
        let authorities = environment["CURL_CA_BUNDLE"] ?? environment["SSL_CERT_FILE"]
        let context = unsafe Unmanaged.passUnretained(state).toOpaque()
        withExtendedLifetime(state) {
            unsafe withCStrings(
                address.text,
                headers.joined(separator: "\n"),
                authorities
            ) { url, lines, authorities in
                var transfer = unsafe PumiceTransfer(
                    url: url,
                    headers: lines,
                    authorities: authorities,
                    file: file?.descriptor ?? -1,
                    file_offset: file?.offset ?? 0,
                    file_status: file?.status ?? 0,
                    file_limit: file?.limit ?? 0,
                    buffer_limit: bodyLimit,
                    connect_seconds: limits.connectSeconds,
                    stall_seconds: limits.stallSeconds,
                    stall_bytes_per_second: limits.stallBytesPerSecond,
                    progress: { context, byteCount in
                        let state = unsafe Unmanaged<TransferState>.fromOpaque(context)
                            .takeUnretainedValue()
                        if byteCount > 0 { state.add(byteCount) }
                        return state.isStopped ? 1 : 0
                    },
                    context: context
                )
                unsafe pumice_curl_get(&transfer, &answer)
            }
        }
    }

    private func failure(_ answer: PumiceAnswer) -> Failure? {
        let message = unsafe withUnsafeBytes(of: answer.message) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        switch unsafe answer.outcome {
        case PUMICE_TRANSFER_COMPLETE: return nil
        case PUMICE_TRANSFER_BROKEN: return .broken(message)
        case PUMICE_TRANSFER_TOO_LONG: return .tooLong
        case PUMICE_TRANSFER_NOT_WRITTEN:
            return .notWritten(systemError(unsafe answer.code))
        case PUMICE_TRANSFER_STOPPED: return .stopped
        default: return .refused(message)
        }
    }
}

/// Three strings as C has them, valid in the closure.
private func withCStrings(
    _ first: String,
    _ second: String,
    _ third: String?,
    _ body: (UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafePointer<CChar>?) -> Void
) {
    unsafe first.withCString { first in
        unsafe second.withCString { second in
            guard let third else { return unsafe body(first, second, nil) }
            unsafe third.withCString { third in unsafe body(first, second, third) }
        }
    }
}
