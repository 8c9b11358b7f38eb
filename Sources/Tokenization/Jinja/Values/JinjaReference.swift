/// A value with an identity or a behaviour, made by a running template and useless outside it.
///
/// Mutable things (namespaces, iterators, loops) live in the interpreter and are named here by
/// number, so that every value stays `Sendable` without a lock.
public struct JinjaReference: Sendable {
    package indirect enum Kind: Sendable {
        case function(JinjaFunction)
        case method(receiver: JinjaValue, name: JinjaMethod)
        case macro(Int)
        case namespace(Int)
        /// `serial` tells a loop that has ended from the one that took over its slot.
        case loop(slot: Int, serial: Int)
        case cycler(Int)
        case joiner(Int)
        /// A one-shot iterator, as Python's generators are: no length, no index, always true.
        case iterator(Int)
        case range(JinjaRange)
        /// What `dict.keys()`, `.values()` and `.items()` return.
        case view(DictionaryView, JinjaObject)
        /// What `groupby` returns: a pair whose halves are also called `grouper` and `list`.
        case group(JinjaList)
        /// An integer from JSON that does not fit 64 bits: it can be printed, not computed with.
        case bigInteger(String)
    }

    package enum DictionaryView: String, Sendable {
        case keys = "dict_keys"
        case values = "dict_values"
        case items = "dict_items"
    }

    package let kind: Kind

    package init(_ kind: Kind) { self.kind = kind }
}

extension JinjaValue {
    package static func made(_ kind: JinjaReference.Kind) -> JinjaValue {
        .reference(JinjaReference(kind))
    }
}

extension JinjaReference {
    package var depth: Int {
        switch kind {
        case .method(let receiver, _): receiver.depth + 1
        case .view(_, let object): Int(object.depth) + 1
        case .group(let pair): Int(pair.depth)
        default: 0
        }
    }

    package var weight: Int {
        switch kind {
        case .method(let receiver, _): receiver.weight
        case .view(_, let object): Int(object.weight)
        case .group(let pair): Int(pair.weight)
        case .bigInteger(let digits): 1 + digits.utf8.count / 32
        default: 1
        }
    }

    package var isTrue: Bool {
        switch kind {
        case .range(let range): range.count > 0
        case .view(_, let object): !object.isEmpty
        default: true
        }
    }

    package var typeName: String {
        switch kind {
        case .function: "function"
        case .method: "builtin_function_or_method"
        case .macro: "Macro"
        case .namespace: "Namespace"
        case .loop: "LoopContext"
        case .cycler: "Cycler"
        case .joiner: "Joiner"
        case .iterator: "generator"
        case .range: "range"
        case .view(let view, _): view.rawValue
        case .group: "tuple"
        case .bigInteger: "int"
        }
    }
}

extension JinjaReference: Equatable {
    public static func == (a: JinjaReference, b: JinjaReference) -> Bool {
        switch (a.kind, b.kind) {
        case (.function(let x), .function(let y)): x == y
        case (.macro(let x), .macro(let y)), (.namespace(let x), .namespace(let y)),
            (.cycler(let x), .cycler(let y)), (.joiner(let x), .joiner(let y)),
            (.iterator(let x), .iterator(let y)):
            x == y
        case (.loop(let x, let s), .loop(let y, let t)): x == y && s == t
        case (.range(let x), .range(let y)): x.hasSameElements(as: y)
        case (.group(let x), .group(let y)): x.elements == y.elements
        case (.bigInteger(let x), .bigInteger(let y)): x == y
        case (.view(let x, let a), .view(let y, let b)): x == y && x != .values && a == b
        default: false
        }
    }
}
