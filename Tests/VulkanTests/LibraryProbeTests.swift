import Testing
import Vulkan

struct LibraryProbeTests {
    @Test func aLibraryThatIsThereOpensAndSaysWhereItIs() {
        guard case .opens(let path) = LibraryProbe(opening: "libc.so.6", for: "malloc") else {
            Issue.record("the C library does not open")
            return
        }
        #expect(path.contains("libc") && path.hasPrefix("/"))
    }

    @Test func whatIsMissingIsSaidInTheLinkersWords() {
        let library = LibraryProbe(opening: "libnosuch.so.1", for: "x")
        guard case .fails(let reason) = library else {
            Issue.record("\(library)")
            return
        }
        #expect(reason.hasPrefix("libnosuch.so.1: cannot open shared object file"))
        let symbol = LibraryProbe(opening: "libc.so.6", for: "no_such_symbol")
        guard case .fails(let reason) = symbol else {
            Issue.record("\(symbol)")
            return
        }
        #expect(reason.contains("no_such_symbol"))
    }

    @Test(.needsDevice) func theLoaderOpensAndHasAVersion() throws {
        guard case .opens(let path) = LibraryProbe.loader else {
            Issue.record("\(LibraryProbe.loader)")
            return
        }
        #expect(path.contains("libvulkan"))
        #expect(try #require(Instance.loaderVersion) >= (1, 1, 0))
    }
}
