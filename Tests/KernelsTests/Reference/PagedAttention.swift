import Foundation
import Kernels

/// y[t][h] = softmax(scale * q[t][h] . K) V over the keys 0 ... position[t], or the last of them
/// in a window, found in blocks; scores capped, and with a sink among them, where there are such.
/// - Parameters:
///   - qkv: [tokens][qkvColumns], queries first.
///   - cache: [block][kvHead][k, v][blockSize][headSize].
///   - blockTables: each run's own.
///   - sinks: a score for each head.
func pagedAttentionReference(
    _ problem: AttentionCase,
    qkv: [Float],
    cache: [Float],
    blockTables: [[UInt32]],
    scale: Float,
    sinks: [Float]? = nil
) -> [Double] {
    let (shape, size) = (problem.shape, problem.headSize)
    let group = shape.headCount / shape.kvHeadCount
    var y: [Double] = []
    var token = 0
    for (run, table) in zip(problem.runs, blockTables) {
        for index in 0..<run.tokenCount {
            let position = run.contextLength - run.tokenCount + index
            for head in 0..<shape.headCount {
                /// Where a key, or a value, of this head starts.
                func start(_ key: Int, _ part: Int) -> Int {
                    let block = Int(table[key / shape.blockSize])
                    let tile = (block * shape.kvHeadCount + head / group) * 2 + part
                    return (tile * shape.blockSize + key % shape.blockSize) * size
                }
                let query = token * shape.qkvColumns + head * size
                let keys = max(0, position + 1 - (problem.window ?? position + 1))...position
                let scores = keys.map { key in
                    let first = start(key, 0)
                    let score =
                        Double(scale)
                        * (0..<size).reduce(0.0) {
                            $0 + Double(qkv[query + $1]) * Double(cache[first + $1])
                        }
                    return problem.softCap.map { Double($0) * tanh(score / Double($0)) } ?? score
                }
                let sink = sinks.map { [Double($0[head])] } ?? []
                let highest = (scores + sink).max() ?? 0
                let weights = scores.map { exp($0 - highest) }
                let total = (weights + sink.map { exp($0 - highest) }).reduce(0, +)
                var mixed = [Double](repeating: 0, count: size)
                for (key, weight) in zip(keys, weights) {
                    let first = start(key, 1)
                    for i in 0..<size { mixed[i] += weight * Double(cache[first + i]) }
                }
                y += mixed.map { $0 / total }
            }
            token += 1
        }
    }
    return y
}
