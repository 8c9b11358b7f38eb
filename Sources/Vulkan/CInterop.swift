import CVulkan

/// A C struct of zero bytes, for tables that a C function fills before anyone reads them.
func unsafeZeroed<T>(_ type: T.Type) -> T {
    withUnsafeTemporaryAllocation(
        byteCount: MemoryLayout<T>.size,
        alignment: MemoryLayout<T>.alignment
    ) { bytes in
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
        return bytes.load(as: T.self)
    }
}

/// The text in a fixed-size C character array, which Swift sees as a tuple.
func string<T>(fromTuple tuple: T) -> String {
    withUnsafeBytes(of: tuple) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}

/// Null-terminated copies of strings, at stable addresses until `free`.
struct CStrings {
    let pointers: [UnsafePointer<CChar>?]

    init(_ strings: [String]) {
        pointers = strings.map { text in
            let utf8 = Array(text.utf8CString)
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: utf8.count)
            copy.initialize(from: utf8, count: utf8.count)
            return UnsafePointer(copy)
        }
    }

    func free() {
        for pointer in pointers { pointer?.deallocate() }
    }
}

/// A chain of `pNext` structs at stable addresses, so that building one needs no nested closures.
///
/// Vulkan's feature and property structs share the header `{ sType, pNext }`.
final class StructChain {
    private var storage: [UnsafeMutableRawPointer] = []

    /// The first struct of the chain, to hang into a `pNext`.
    var first: UnsafeMutableRawPointer? { storage.first }

    deinit {
        for pointer in storage { pointer.deallocate() }
    }

    /// Adds a struct of zeros, but for its type, to the end.
    func append<T>(_ type: T.Type, _ sType: VkStructureType) -> UnsafeMutablePointer<T> {
        let pointer = append(unsafeZeroed(type))
        UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: VkBaseOutStructure.self)
            .pointee.sType = sType
        return pointer
    }

    /// Adds a struct to the end; the pointer lives as long as the chain.
    @discardableResult
    func append<T>(_ value: T) -> UnsafeMutablePointer<T> {
        let raw = UnsafeMutableRawPointer.allocate(
            byteCount: MemoryLayout<T>.size,
            alignment: MemoryLayout<T>.alignment
        )
        let pointer = raw.initializeMemory(as: T.self, to: value)
        if let last = storage.last {
            last.assumingMemoryBound(to: VkBaseOutStructure.self).pointee.pNext =
                raw.assumingMemoryBound(to: VkBaseOutStructure.self)
        }
        storage.append(raw)
        return pointer
    }
}
