// `tojson` as Hugging Face defines it: Python's `json.dumps`, not escaped for HTML.

extension JinjaInterpreter {
    mutating func applyJSON(
        to value: JinjaValue,
        _ arguments: JinjaArguments
    ) throws(JinjaFault) -> JinjaValue {
        let bound = try arguments.bind(
            to: "tojson",
            ["ensure_ascii", "indent", "separators", "sort_keys"]
        )
        var style = PythonJSONStyle()
        style.escapesNonASCII = bound.bool(0)
        style.sortsKeys = bound.bool(3)
        if !bound.isMissing(1) {
            if case .string(let text) = bound[1] {
                style.indentation = text
            } else {
                let width = try bound.integer(1)
                try reserve(bytes: width)
                style.indentation = String(repeating: " ", count: max(0, width))
            }
            style.itemSeparator = ","
        }
        if !bound.isMissing(2) {
            let pair = try elements(of: bound[2])
            guard pair.count == 2, case .string(let item) = pair[0], case .string(let key) = pair[1]
            else { throw JinjaFault(.value, "'separators' of tojson is a pair of strings") }
            style.itemSeparator = item
            style.keySeparator = key
        }
        try charge(value.weight)
        guard value.weight < limits.outputBytes / 8 else {
            throw JinjaFault(.limit, "the value is too large for tojson: send less data")
        }
        var writer = PythonJSONWriter(style: style, largestSize: limits.outputBytes)
        try writer.write(value)
        return try string(writer.text)
    }
}
