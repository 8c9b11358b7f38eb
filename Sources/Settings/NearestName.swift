/// The name that was probably meant: the one that takes the fewest insertions, deletions and
/// replacements, if it takes few.
func nearestName(to name: String, among names: [String]) -> String? {
    let given = Array(name.replacing("_", with: "-"))
    // Longer ones are not names, and the work is that of all pairs of letters.
    guard given.count <= 64 else { return nil }
    let distances = names.map { ($0, editDistance(given, Array($0))) }
    guard let best = distances.min(by: { $0.1 < $1.1 }), best.1 <= max(2, given.count / 3)
    else { return nil }
    return best.0
}

private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, other) in b.enumerated() {
            let replaced = diagonal + (letter == other ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
        }
    }
    return row[b.count]
}
