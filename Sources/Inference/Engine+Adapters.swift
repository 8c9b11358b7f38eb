import Dispatch
import Models
import Synchronization

/// A change of adapters on its way to the engine thread.
struct AdapterOrder: Sendable {
    enum Change: Sendable {
        case load(LoRAAdapter, name: String, replacing: Bool)
        case unload(name: String)
    }

    let change: Change
    /// Called once, with the adapter that was loaded.
    let done: @Sendable (Result<LoadedAdapter?, AdapterChangeError>) -> Void
}

extension Engine {
    public var adapters: [LoadedAdapter] { published.adapters.withLock { $0 } }

    /// Reads an adapter beside the engine, and brings it to the device between two steps.
    /// - Parameters:
    ///   - path: of a folder that PEFT wrote, or of a GGUF file.
    ///   - replacing: whether an adapter of this name gives way. Requests that have it keep it.
    public func loadAdapter(
        name: String,
        path: String,
        replacing: Bool
    ) async throws(AdapterChangeError) -> LoadedAdapter {
        guard let reader = adapterReader else { throw .notEnabled }
        guard replacing || !adapters.contains(where: { $0.name == name }) else {
            throw .nameTaken(name)
        }
        let read = await withCheckedContinuation { continuation in
            // Not on the pool of tasks: reading takes as long as the disk does.
            DispatchQueue.global().async { continuation.resume(returning: reader.read(path)) }
        }
        let change = AdapterOrder.Change.load(try read.get(), name: name, replacing: replacing)
        guard let loaded = try await perform(change) else { throw .unknown(name) }
        return loaded
    }

    /// Offers an adapter no longer. Requests that have it keep it; its memory is free once they are
    /// done.
    public func unloadAdapter(name: String) async throws(AdapterChangeError) {
        guard adapterReader != nil else { throw .notEnabled }
        _ = try await perform(.unload(name: name))
    }

    private func perform(
        _ change: AdapterOrder.Change
    ) async throws(AdapterChangeError) -> LoadedAdapter? {
        let result = await withCheckedContinuation { continuation in
            mailbox.order(AdapterOrder(change: change) { continuation.resume(returning: $0) })
        }
        return try result.get()
    }
}

/// What reading an adapter needs to know of the model.
struct AdapterReader: Sendable {
    let targets: AdapterTargets
    let maxRank: Int

    func read(_ path: String) -> Result<LoRAAdapter, AdapterChangeError> {
        do throws(AdapterError) {
            return .success(try LoRAAdapter(path: path, targets, maxRank: maxRank))
        } catch {
            if case .notFound = error { return .failure(.notFound(error.description)) }
            return .failure(.refused(error.description))
        }
    }
}
