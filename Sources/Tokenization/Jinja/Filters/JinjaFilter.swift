/// The filters by their names in Jinja. Those that make HTML from URLs or attributes, and `random`
/// and `pprint`, are left out: no chat template renders a web page. For the same reason `safe` and
/// `escape` give plain strings, where Jinja has a type of its own for text that is already escaped.
package enum JinjaFilter: String, Sendable, CaseIterable {
    case abs, attr, batch, capitalize, center, count, d, dictsort, e, escape, filesizeformat, first
    case `default`, float, forceescape, format, groupby, indent, int, items, join, last, length
    case list, lower, map, max, min, reject, rejectattr, replace, reverse, round, safe, select
    case selectattr, slice, sort, string, striptags, sum, title, tojson, trim, truncate, unique
    case upper, urlencode, wordcount, wordwrap
}

extension JinjaInterpreter {
    @inline(never)
    mutating func apply(
        _ filter: JinjaFilter,
        to value: JinjaValue,
        _ arguments: JinjaArguments
    ) throws(JinjaFault) -> JinjaValue {
        switch filter {
        case .trim, .upper, .lower, .capitalize, .title, .center, .indent, .truncate, .replace,
            .wordcount, .wordwrap, .escape, .e, .forceescape, .striptags, .urlencode, .format:
            return try applyTextFilter(filter, to: value, arguments)
        case .string, .safe:
            _ = try arguments.bind(to: filter.rawValue, [])
            return .string(try text(of: value))
        case .tojson: return try applyJSON(to: value, arguments)
        case .abs, .int, .float, .round, .filesizeformat:
            return try applyNumberFilter(filter, to: value, arguments)
        case .default, .d:
            let bound = try arguments.bind(to: "default", ["default_value", "boolean"])
            let isReplaced = value.isUndefined || (bound.bool(1) && !value.isTrue)
            return isReplaced ? (bound.isGiven(0) ? bound[0] : "") : value
        case .map, .select, .reject, .selectattr, .rejectattr:
            return try applySelection(filter, to: value, arguments)
        case .sort, .dictsort, .unique, .min, .max, .groupby, .sum:
            return try applyOrderFilter(filter, to: value, arguments)
        case .attr:
            let name = try arguments.bind(to: "attr", ["name"], required: 1).string(0)
            // Unlike `.name`, this never looks at the elements of an object.
            if case .object = value, JinjaMethod(rawValue: name)?.exists(on: value) != true {
                return .undefined
            }
            return try member(JinjaAttribute(name), of: value)
        case .length, .count, .first, .last, .list, .items, .reverse, .join, .batch, .slice:
            return try applySequenceFilter(filter, to: value, arguments)
        }
    }
}
