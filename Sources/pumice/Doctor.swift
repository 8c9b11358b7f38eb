import ArgumentParser
import Diagnosis
import Foundation

/// `pumice doctor`: why a machine serves or does not, and what to do about it.
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look for what Vulkan needs here: what is missing, and how to get it.",
        discussion: """
            Shows the loader, the drivers and whether they open, the devices with their features \
            and memory, the device nodes with their permissions, and the GPUs on the bus; then \
            what is wrong and what helps. Ends with 0 if some device can serve, else with 1.
            """
    )

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let diagnosis = Diagnosis(of: .observed())
        print(json ? try PrintedJSON.text(diagnosis) : diagnosis.description)
        if !diagnosis.canServe { throw ExitCode(1) }
    }
}
