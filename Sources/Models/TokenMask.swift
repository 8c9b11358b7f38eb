import Kernels
import Vulkan

/// Which tokens may be drawn: a bit for each token of the vocabulary.
///
/// A mask is never changed and is known by its identity: as long as steps use the same one, its
/// bits go to the device once.
public final class TokenMask: Sendable {
    /// Token t is bit t % 32 of word t / 32.
    public let words: [UInt32]

    public init(words: [UInt32]) {
        self.words = words
    }

    /// A mask that leaves only `tokens`, all of the vocabulary.
    public convenience init(vocabularySize: Int, allowing tokens: some Sequence<UInt32>) {
        var words = [UInt32](repeating: 0, count: KernelRecorder.maskWordCount(vocabularySize))
        for token in tokens {
            precondition(token < vocabularySize, "token \(token) of \(vocabularySize)")
            words[Int(token / 32)] |= 1 << (token % 32)
        }
        self.init(words: words)
    }

    /// A mask of tokens from outside, whose vocabulary may end earlier or later than the logits.
    /// - Parameter other: further restricts it.
    public convenience init(
        _ words: [UInt32],
        vocabularySize: Int,
        intersecting other: TokenMask?
    ) {
        let count = KernelRecorder.maskWordCount(vocabularySize)
        var fitted = Array(words.prefix(count))
        fitted += repeatElement(0, count: count - fitted.count)
        if let other {
            for index in fitted.indices { fitted[index] &= other.words[index] }
        }
        self.init(words: fitted)
    }
}

/// The masks on the device, each in a place of its own while steps use it.
struct MaskStore {
    /// uint[places][words].
    private(set) var buffer: BufferSlice?
    private let wordCount: Int
    private let placeCount: Int
    private var places: [ObjectIdentifier: Int] = [:]
    /// What each place holds (and so keeps alive, for its identity), and the last step it was used.
    private var contents: [(mask: TokenMask, step: Int)] = []

    /// - Parameter sequenceCount: masks a step may use; two steps may be on their way.
    init(vocabularySize: Int, sequenceCount: Int) {
        wordCount = KernelRecorder.maskWordCount(vocabularySize)
        placeCount = ModelRunner.depth * sequenceCount
    }

    /// Where a mask is for the kernels of a step, written there if it was not.
    mutating func place(
        of mask: TokenMask,
        step: Int,
        on device: Device
    ) throws(VulkanError) -> UInt32 {
        precondition(mask.words.count == wordCount, "a mask of \(mask.words.count) words")
        let id = ObjectIdentifier(mask)
        if let place = places[id] {
            contents[place].step = step
            return UInt32(place)
        }
        let place = vacancy(step: step)
        if place == contents.count {
            contents.append((mask, step))
        } else {
            places[ObjectIdentifier(contents[place].mask)] = nil
            contents[place] = (mask, step)
        }
        places[id] = place
        let buffer = try storage(on: device)
        buffer.write(mask.words, at: place * wordCount)
        return UInt32(place)
    }

    /// A place that no step on its way uses: a new one, or the one longest out of use.
    private func vacancy(step: Int) -> Int {
        if contents.count < placeCount { return contents.count }
        let oldest = contents.indices.min { contents[$0].step < contents[$1].step } ?? 0
        precondition(
            contents[oldest].step <= step - ModelRunner.depth,
            "more than \(placeCount) masks in \(ModelRunner.depth) steps"
        )
        return oldest
    }

    private mutating func storage(on device: Device) throws(VulkanError) -> BufferSlice {
        if let buffer { return buffer }
        let made = try Buffer(
            device,
            byteCount: 4 * wordCount * placeCount,
            use: .upload,
            label: "token masks"
        )
        buffer = made.whole
        return made.whole
    }
}
