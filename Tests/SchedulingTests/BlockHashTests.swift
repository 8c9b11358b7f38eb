import Scheduling
import Testing

@Suite struct BlockHashTests {
    /// The authors' test vectors for the wide output: bytes 0, 1, 2 ... under the key 0, 1, ... 15.
    @Test(arguments: [
        (0, 0xe6a8_25ba_047f_81a3 as UInt64, 0x9302_55c7_1472_f66d as UInt64),
        (1, 0x44af_996b_d8c1_87da as UInt64, 0x45fc_229b_1159_7634 as UInt64),
    ])
    func sipHashAgreesWithItsAuthors(byteCount: Int, low: UInt64, high: UInt64) {
        var hash = SipHash128(key: (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908))
        #expect(hash.finish(tail: 0, tailByteCount: byteCount) == (low, high))
    }

    let hasher = BlockHasher(key: (3, 4))

    func hash(_ tokens: [TokenID], salt: String? = nil) -> BlockHash {
        hasher.hash(tokens[...], after: hasher.root(salt: salt))
    }

    @Test func theHashDependsOnEveryTokenAndOnTheirNumber() {
        let tokens: [TokenID] = [1, 2, 3, 4, 5]
        var hashes = Set([hash(tokens), hash(tokens.dropLast()), hash(tokens + [0])])
        for index in tokens.indices {
            var others = tokens
            others[index] ^= 1 << 31
            hashes.insert(hash(others))
        }
        #expect(hashes.count == 8)
    }

    @Test func theHashDependsOnWhatCameBefore() {
        #expect(
            hasher.hash([9, 9], after: hash([1, 1])) != hasher.hash([9, 9], after: hash([1, 2]))
        )
    }

    @Test func theHashDependsOnTheSalt() {
        let salts: [String?] = [nil, "", "a", "b", "a\0", "12345678", "123456789"]
        #expect(Set(salts.map { hash([1, 2], salt: $0) }).count == salts.count)
    }

    @Test func theHashDependsOnTheKey() {
        #expect(
            BlockHasher(key: (4, 3)).hash([1], after: hash([2]))
                != hasher.hash([1], after: hash([2]))
        )
    }

    @Test func theHashDoesNotDependOnWhereTheTokensStand() {
        let tokens: [TokenID] = [1, 2, 3, 4, 1, 2]
        let root = hasher.root(salt: nil)
        #expect(hasher.hash(tokens[0..<2], after: root) == hasher.hash(tokens[4..<6], after: root))
    }
}
