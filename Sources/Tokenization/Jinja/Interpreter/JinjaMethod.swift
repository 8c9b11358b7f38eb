/// The methods of Python's types that templates may know, by their Python names.
package enum JinjaMethod: String, Sendable, CaseIterable {
    // str
    case capitalize, casefold, center, count, endswith, expandtabs, find, format
    case formatMap = "format_map"
    case index, isalnum, isalpha, isascii, isdecimal, isdigit, isidentifier, islower, isnumeric
    case isprintable, isspace, istitle, isupper, join, ljust, lower, lstrip, partition
    case removeprefix, removesuffix, replace, rfind, rindex, rjust, rpartition, rsplit, rstrip
    case split, splitlines, startswith, strip, swapcase, title, upper, zfill
    // dict
    case get, items, keys, values, copy
    // float
    case isInteger = "is_integer"
    // What would change a value: there, but refused.
    case append, extend, insert, remove, pop, reverse, sort, clear, update, setdefault, popitem
    // loop, cycler
    case cycle, changed, next, reset

    /// Whether values of this type have the method in Python.
    func exists(on value: JinjaValue) -> Bool {
        switch value {
        case .string: return Self.string.contains(self)
        case .object:
            return Self.dictionary.contains(self) || Self.dictionaryChanging.contains(self)
        case .list: return Self.list.contains(self) || Self.listChanging.contains(self)
        case .tuple: return self == .index || self == .count
        case .float: return self == .isInteger
        case .reference(let reference):
            switch reference.kind {
            case .range, .group: return self == .index || self == .count
            case .cycler: return self == .next || self == .reset
            default: return false
            }
        default: return false
        }
    }

    /// Whether the immutable sandbox lets templates call it.
    func isAllowed(on value: JinjaValue) -> Bool {
        switch value {
        case .object: !Self.dictionaryChanging.contains(self)
        case .list: !Self.listChanging.contains(self)
        default: true
        }
    }

    private static let dictionary: Set<JinjaMethod> = [.get, .items, .keys, .values, .copy]
    private static let dictionaryChanging: Set<JinjaMethod> = [
        .pop, .clear, .update, .setdefault, .popitem,
    ]
    private static let list: Set<JinjaMethod> = [.index, .count, .copy]
    private static let listChanging: Set<JinjaMethod> = [
        .append, .extend, .insert, .remove, .pop, .reverse, .sort, .clear,
    ]
    private static let string: Set<JinjaMethod> = [
        .capitalize, .casefold, .center, .count, .endswith, .expandtabs, .find, .format,
        .formatMap, .index, .isalnum, .isalpha, .isascii, .isdecimal, .isdigit, .isidentifier,
        .islower, .isnumeric, .isprintable, .isspace, .istitle, .isupper, .join, .ljust, .lower,
        .lstrip, .partition, .removeprefix, .removesuffix, .replace, .rfind, .rindex, .rjust,
        .rpartition, .rsplit, .rstrip, .split, .splitlines, .startswith, .strip, .swapcase, .title,
        .upper, .zfill,
    ]
}

/// The functions every template can call.
package enum JinjaFunction: String, Sendable, CaseIterable {
    case range, dict, namespace, cycler, joiner
    case raiseException = "raise_exception"
    case strftimeNow = "strftime_now"
}
