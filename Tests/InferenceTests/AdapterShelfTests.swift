import Inference
import Testing

@Suite struct AdapterShelfTests {
    @Test func namesAreTakenOnceUnlessReplaced() throws {
        var shelf = AdapterShelf(limit: 3)
        let first = shelf.add(name: "a", path: "1", slot: 0)
        #expect(throws: AdapterChangeError.nameTaken("a")) {
            try shelf.predecessor(of: "a", replacing: false) { _ in false }
        }
        #expect(try shelf.predecessor(of: "a", replacing: true) { _ in false } == nil)
        let second = shelf.add(name: "a", path: "2", slot: 1)
        #expect(first.id != second.id)
        #expect(shelf.offered == [second])
        #expect(shelf.leavers { $0 == first.id }.isEmpty)
        #expect(shelf.leavers { _ in false }.map(\.adapter) == [first])
    }

    @Test func thereIsRoomForAsManyAsMayBe() throws {
        var shelf = AdapterShelf(limit: 1)
        let old = shelf.add(name: "a", path: "1", slot: 0)
        #expect(throws: AdapterChangeError.noRoom(limit: 1, names: ["a"])) {
            try shelf.predecessor(of: "b", replacing: false) { _ in false }
        }
        // In its place only if nobody has it any more.
        #expect(throws: AdapterChangeError.noRoom(limit: 1, names: ["a"])) {
            try shelf.predecessor(of: "a", replacing: true) { $0 == old.id }
        }
        #expect(try shelf.predecessor(of: "a", replacing: true) { _ in false }?.slot == 0)
        shelf.remove(old.id)
        #expect(try shelf.predecessor(of: "b", replacing: false) { _ in false } == nil)
    }

    @Test func whatIsUnloadedStaysWhileItIsUsed() throws {
        var shelf = AdapterShelf(limit: 1)
        let adapter = shelf.add(name: "a", path: "1", slot: 0)
        try shelf.retire("a")
        #expect(shelf.offered.isEmpty)
        #expect(shelf.entry(adapter.id)?.slot == 0)
        #expect(throws: AdapterChangeError.unknown("a")) { try shelf.retire("a") }
        #expect(throws: AdapterChangeError.noRoom(limit: 1, names: ["a"])) {
            try shelf.predecessor(of: "a", replacing: false) { _ in true }
        }
    }
}
