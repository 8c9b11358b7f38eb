/// The adapters an engine has, by the slots of the model's pool: a value that says what to do.
///
/// One that is unloaded keeps its slot while requests have it; new requests cannot ask for it.
package struct AdapterShelf {
    package struct Entry: Equatable {
        package let adapter: LoadedAdapter
        package var slot: Int
        package fileprivate(set) var isRetired = false
    }

    package let limit: Int
    /// In the order of their loading.
    package private(set) var entries: [Entry] = []
    private var nextID: UInt64 = 0

    package init(limit: Int) {
        self.limit = limit
    }

    /// What requests may ask for.
    package var offered: [LoadedAdapter] { entries.filter { !$0.isRetired }.map(\.adapter) }

    package func entry(_ id: AdapterID) -> Entry? { entries.first { $0.adapter.id == id } }

    /// What must go before an adapter of this name can be loaded: nil for nothing.
    /// - Parameter isUsed: whether some request has an adapter.
    /// - Throws: `nameTaken` or `noRoom`.
    package func predecessor(
        of name: String,
        replacing: Bool,
        isUsed: (AdapterID) -> Bool
    ) throws(AdapterChangeError) -> Entry? {
        let old = entries.first { $0.adapter.name == name && !$0.isRetired }
        guard old == nil || replacing else { throw .nameTaken(name) }
        guard entries.count >= limit else { return nil }
        if let old, !isUsed(old.adapter.id) { return old }
        throw .noRoom(limit: limit, names: entries.map(\.adapter.name))
    }

    /// Notes an adapter that is in a slot now; an older one of its name is retired.
    package mutating func add(name: String, path: String, slot: Int) -> LoadedAdapter {
        _ = try? retire(name)
        let id = AdapterID(rawValue: nextID)
        nextID += 1
        let adapter = LoadedAdapter(id: id, name: name, path: path)
        entries.append(Entry(adapter: adapter, slot: slot))
        return adapter
    }

    /// Offers an adapter no longer.
    /// - Throws: `unknown`.
    package mutating func retire(_ name: String) throws(AdapterChangeError) {
        guard
            let index = entries.firstIndex(where: { $0.adapter.name == name && !$0.isRetired })
        else { throw .unknown(name) }
        entries[index].isRetired = true
    }

    /// Those that are offered no longer and that no request has any more.
    package func leavers(isUsed: (AdapterID) -> Bool) -> [Entry] {
        entries.filter { $0.isRetired && !isUsed($0.adapter.id) }
    }

    /// Forgets one whose slot is free.
    package mutating func remove(_ id: AdapterID) { entries.removeAll { $0.adapter.id == id } }

    /// Notes that one has another slot.
    package mutating func move(_ id: AdapterID, toSlot slot: Int) {
        for index in entries.indices where entries[index].adapter.id == id {
            entries[index].slot = slot
        }
    }
}
