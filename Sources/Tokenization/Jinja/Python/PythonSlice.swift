/// `[start:stop:step]`, resolved against a length as Python does.
struct PythonSlice {
    let start: Int?
    let stop: Int?
    let step: Int

    /// The positions the slice takes: `count` of them from `start`, `step` apart.
    func positions(count: Int) -> JinjaRange {
        let first: Int
        let last: Int
        if step > 0 {
            first = clamped(start ?? 0, count, 0, count)
            last = clamped(stop ?? count, count, 0, count)
            let taken = last > first ? (last - first - 1) / step + 1 : 0
            return JinjaRange(start: first, stop: last, step: step, count: taken)
        }
        first = start.map { clamped($0, count, -1, count - 1) } ?? count - 1
        last = stop.map { clamped($0, count, -1, count - 1) } ?? -1
        let stride = step == Int.min ? Int.max : -step
        let taken = first > last ? (first - last - 1) / stride + 1 : 0
        return JinjaRange(start: first, stop: last, step: step, count: taken)
    }

    private func clamped(_ bound: Int, _ count: Int, _ low: Int, _ high: Int) -> Int {
        let position = bound < 0 ? bound + count : bound
        return min(max(position, low), high)
    }
}

extension PythonText {
    /// `text[index]`, nil when `key` is no integer or outside.
    static func character(_ text: String, at key: JinjaValue) -> String? {
        guard case .integer(let index) = JinjaNumber(key) else { return nil }
        guard index.magnitude <= text.utf8.count else { return nil }
        let scalars = text.unicodeScalars
        if index >= 0 {
            guard
                let position = scalars.index(
                    scalars.startIndex,
                    offsetBy: index,
                    limitedBy: scalars.endIndex
                ),
                position < scalars.endIndex
            else { return nil }
            return String(scalars[position])
        }
        guard
            let position = scalars.index(
                scalars.endIndex,
                offsetBy: index,
                limitedBy: scalars.startIndex
            )
        else { return nil }
        return String(scalars[position])
    }

    private static func substring(_ text: String, _ slice: PythonSlice) -> String {
        let scalars = text.unicodeScalars
        let positions = slice.positions(count: scalars.count)
        let start = scalars.index(scalars.startIndex, offsetBy: positions.start)
        return String(scalars[start..<scalars.index(start, offsetBy: positions.count)])
    }

    static func slice(_ text: String, _ slice: PythonSlice) -> String {
        if slice.step == 1 { return substring(text, slice) }
        let scalars = Array(text.unicodeScalars)
        let positions = slice.positions(count: scalars.count)
        return string((0..<positions.count).lazy.map { scalars[positions[$0]] })
    }
}
