// sort, dictsort, unique, min, max, groupby, sum

extension JinjaInterpreter {
    mutating func applyOrderFilter(
        _ filter: JinjaFilter,
        to value: JinjaValue,
        _ arguments: JinjaArguments
    ) throws(JinjaFault) -> JinjaValue {
        let name = filter.rawValue
        switch filter {
        case .sort: return try sort(value, arguments)
        case .dictsort: return try sortObject(value, arguments)
        case .sum: return try sum(value, arguments)
        case .groupby:
            let bound = try arguments.bind(
                to: name,
                ["attribute", "default", "case_sensitive"],
                required: 1
            )
            return try group(value, bound)
        default:
            let bound = try arguments.bind(to: name, ["case_sensitive", "attribute"])
            let elements = try elements(of: value)
            let path = try JinjaPath(bound[1])
            let keys = try keys(of: elements, path, isCaseSensitive: bound.bool(0))
            return filter == .unique
                ? try unique(elements, keys)
                : try extreme(elements, keys, wantsLargest: filter == .max)
        }
    }

    private mutating func keys(
        of elements: [JinjaValue],
        _ path: JinjaPath,
        isCaseSensitive: Bool,
        default standard: JinjaValue? = nil
    ) throws(JinjaFault) -> [JinjaValue] {
        let keys = try follow(path, in: elements, default: standard)
        if isCaseSensitive { return keys }
        var folded: [JinjaValue] = []
        for key in keys { folded.append(try self.folded(key)) }
        return folded
    }

    /// The positions of `keys` in ascending order, equal ones in their old order also when
    /// reversed, as Python sorts.
    private mutating func order(
        of keys: [JinjaValue],
        reversed: Bool
    ) throws(JinjaFault) -> [Int] {
        try reserve(elements: size(keys.count, times: 8))
        try charge(size(keys.reduce(0) { $0 + $1.weight }, times: 8))
        if keys.count == 1, JinjaNumber(keys[0]) == nil, keys[0].isUndefined { return [0] }
        var order = Array(keys.indices)
        do {
            try order.sort { a, b in
                let (first, second) = reversed ? (b, a) : (a, b)
                if try precedes(keys[first], keys[second]) { return true }
                if try precedes(keys[second], keys[first]) { return false }
                return a < b
            }
        } catch let fault as JinjaFault {
            throw fault
        } catch {
            preconditionFailure("sorting threw \(error), which only comparing may do")
        }
        return order
    }

    private mutating func sort(
        _ value: JinjaValue,
        _ arguments: JinjaArguments
    ) throws(JinjaFault) -> JinjaValue {
        let bound = try arguments.bind(to: "sort", ["reverse", "case_sensitive", "attribute"])
        let elements = try elements(of: value)
        // 'a,b' sorts by a, then by b.
        var paths: [JinjaPath] = []
        if case .string(let text) = bound[2] {
            for part in PythonText.split(text, at: ",", limit: -1) {
                paths.append(try JinjaPath(.string(part)))
            }
        } else {
            paths = [try JinjaPath(bound[2])]
        }
        var columns: [[JinjaValue]] = []
        for path in paths {
            columns.append(try keys(of: elements, path, isCaseSensitive: bound.bool(1)))
        }
        let keys = elements.indices.map { row in
            JinjaValue.list(JinjaList(columns.map { $0[row] }))
        }
        let order = try order(of: keys, reversed: bound.bool(0))
        return try list(order.map { elements[$0] })
    }

    private mutating func sortObject(
        _ value: JinjaValue,
        _ arguments: JinjaArguments
    ) throws(JinjaFault) -> JinjaValue {
        let bound = try arguments.bind(to: "dictsort", ["case_sensitive", "by", "reverse"])
        guard case .object(let object) = value else {
            throw JinjaFault(.value, "dictsort works on objects, not on \(value.typeName)")
        }
        let by = try bound.string(1, default: "key")
        guard by == "key" || by == "value" else {
            throw JinjaFault(.value, "dictsort sorts by 'key' or by 'value'")
        }
        var keys: [JinjaValue] = []
        for entry in object.entries {
            let key = by == "key" ? entry.key : entry.value
            keys.append(bound.bool(0) ? key : try folded(key))
        }
        let pairs = object.elements(.items)
        return try list(try order(of: keys, reversed: bound.bool(2)).map { pairs[$0] })
    }

    private mutating func unique(
        _ elements: [JinjaValue],
        _ keys: [JinjaValue]
    ) throws(JinjaFault) -> JinjaValue {
        var seen: Set<JinjaValue> = []
        var kept: [JinjaValue] = []
        for (element, key) in zip(elements, keys) {
            try charge(key.weight)
            if seen.insert(try hashable(key)).inserted { kept.append(element) }
        }
        return try iterator(kept)
    }

    private mutating func extreme(
        _ elements: [JinjaValue],
        _ keys: [JinjaValue],
        wantsLargest: Bool
    ) throws(JinjaFault) -> JinjaValue {
        guard var best = keys.indices.first else { return .undefined }
        for index in keys.indices.dropFirst() {
            try charge(min(keys[best].weight, keys[index].weight))
            let isBetter =
                wantsLargest
                ? try precedes(keys[best], keys[index], ">")
                : try precedes(keys[index], keys[best])
            if isBetter { best = index }
        }
        return elements[best]
    }

    private mutating func group(
        _ value: JinjaValue,
        _ bound: JinjaBoundArguments
    ) throws(JinjaFault) -> JinjaValue {
        let elements = try elements(of: value)
        let path = try JinjaPath(bound[0])
        let standard = bound.isMissing(1) ? nil : bound[1]
        let keys = try keys(
            of: elements,
            path,
            isCaseSensitive: bound.bool(2),
            default: standard
        )
        var groups: [(key: JinjaValue, members: [JinjaValue])] = []
        for index in try order(of: keys, reversed: false) {
            try charge(keys[index].weight)
            if let last = groups.last, last.key == keys[index] {
                groups[groups.count - 1].members.append(elements[index])
            } else {
                groups.append((keys[index], [elements[index]]))
            }
        }
        var result: [JinjaValue] = []
        for (key, members) in groups {
            // The group is named by its first member's own spelling.
            let name =
                bound.bool(2) ? key : try follow(path, from: members[0], default: standard)
            result.append(.made(.group([name, .list(JinjaList(members))])))
        }
        return try list(result)
    }

    private mutating func sum(
        _ value: JinjaValue,
        _ arguments: JinjaArguments
    ) throws(JinjaFault) -> JinjaValue {
        let bound = try arguments.bind(to: "sum", ["attribute", "start"])
        let elements = try follow(try JinjaPath(bound[0]), in: try elements(of: value))
        var total = bound.isGiven(1) ? bound[1] : 0
        if case .string = total {
            throw JinjaFault(.value, "sum does not join strings: use the join filter")
        }
        for element in elements {
            try charge(1)
            if element.isUndefined {
                throw JinjaFault(.undefined, "an element to be summed is undefined")
            }
            total = try compute(.add, total, element)
        }
        return total
    }
}
