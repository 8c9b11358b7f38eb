import Logging
import Models
import Scheduling
import Synchronization
import Vulkan

extension EngineLoop {
    /// Does what was asked about adapters, and frees those that nobody has any more. Steps that run
    /// are completed first, for they may read what changes.
    func changeAdapters() throws(VulkanError) {
        guard let pool = backend.runner.adapters else { return }
        while let order = adapterOrders.first {
            while !inFlight.isEmpty { try completeOldest() }
            adapterOrders.removeFirst()
            order.done(perform(order.change, pool))
        }
        guard adapters.entries.contains(where: \.isRetired) else { return }
        let leavers = adapters.leavers(isUsed: isUsed)
        guard !leavers.isEmpty else { return }
        while !inFlight.isEmpty { try completeOldest() }
        for leaver in leavers { try remove(leaver, from: pool) }
    }

    /// Whether a request has an adapter.
    private func isUsed(_ id: AdapterID) -> Bool {
        requests.values.contains { $0.request.adapter == id }
    }

    private func remove(
        _ entry: AdapterShelf.Entry,
        from pool: AdapterPool
    ) throws(VulkanError) {
        try pool.unload(slot: entry.slot)
        adapters.remove(entry.adapter.id)
        logger.notice("Freed an adapter", metadata: ["name": "\(entry.adapter.name)"])
    }

    private func perform(
        _ change: AdapterOrder.Change,
        _ pool: AdapterPool
    ) -> Result<LoadedAdapter?, AdapterChangeError> {
        defer { publishAdapters() }
        do throws(AdapterChangeError) {
            switch change {
            case .load(let adapter, let name, let replacing):
                return .success(try load(adapter, name: name, replacing: replacing, pool))
            case .unload(let name):
                try adapters.retire(name)
                return .success(nil)
            }
        } catch {
            return .failure(error)
        }
    }

    private func load(
        _ adapter: LoRAAdapter,
        name: String,
        replacing: Bool,
        _ pool: AdapterPool
    ) throws(AdapterChangeError) -> LoadedAdapter {
        do throws(VulkanError) {
            for leaver in adapters.leavers(isUsed: isUsed) { try remove(leaver, from: pool) }
        } catch {
            throw .refused(error.description)
        }
        let old = try adapters.predecessor(of: name, replacing: replacing, isUsed: isUsed)
        let slot: Int
        do throws(VulkanError) {
            if let old { try remove(old, from: pool) }
            slot = try pool.load(adapter)
        } catch {
            throw .refused("\(adapter.path): \(error)")
        }
        let loaded = adapters.add(name: name, path: adapter.path, slot: slot)
        logger.notice(
            "Loaded an adapter",
            metadata: ["name": "\(name)", "path": "\(adapter.path)", "rank": "\(adapter.rank)"]
        )
        return loaded
    }

    private func publishAdapters() {
        let offered = adapters.offered
        published.adapters.withLock { $0 = offered }
    }

    /// Gives each run of a step its request's adapter.
    func addAdapters(of batch: ScheduledBatch, to step: inout StepBatch) {
        guard !adapters.entries.isEmpty else { return }
        for (index, entry) in batch.entries.enumerated() {
            guard let id = requests[entry.sequence.request]?.request.adapter else { continue }
            step.runs[index].adapter = adapters.entry(id)?.slot
        }
    }

    /// Brings adapters to a device that was built again. One that can no longer be read is gone.
    func restoreAdapters() {
        guard let pool = backend.runner.adapters else { return }
        let reader = AdapterReader(targets: pool.targets, maxRank: pool.limits.maxRank)
        for entry in adapters.entries {
            let id = entry.adapter.id
            guard !entry.isRetired else {
                adapters.remove(id)
                continue
            }
            do {
                let adapter = try reader.read(entry.adapter.path).get()
                adapters.move(id, toSlot: try pool.load(adapter))
            } catch {
                adapters.remove(id)
                logger.error("Lost an adapter", metadata: ["error": "\(error)"])
            }
        }
        publishAdapters()
    }

    /// Answers those who still wait for a change of adapters, at the end.
    func refuseAdapterOrders() {
        for case .adapter(let order) in mailbox.drain(waiting: false) {
            adapterOrders.append(order)
        }
        for order in adapterOrders { order.done(.failure(.unavailable(.draining))) }
        adapterOrders = []
    }

    /// What there is to tell of adapters; nil if there is no room for any.
    func adapterStatistics() -> AdapterStatistics? {
        guard adapters.limit > 0 else { return nil }
        var result = AdapterStatistics(limit: adapters.limit)
        guard !adapters.entries.isEmpty else { return result }
        let running = Set(statistics.running.map(\.id.request))
        var names: [Bool: Set<String>] = [:]
        for (id, live) in requests {
            guard let adapter = live.request.adapter, let entry = adapters.entry(adapter) else {
                continue
            }
            names[running.contains(id), default: []].insert(entry.adapter.name)
        }
        result.running = names[true, default: []].sorted()
        result.waiting = names[false, default: []].subtracting(names[true] ?? []).sorted()
        return result
    }
}
