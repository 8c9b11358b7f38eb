import Foundation
import Vulkan

/// Where the Vulkan loader looks for manifests of drivers, by the rules of its documentation
/// (LoaderDriverInterface.md, "Driver Discovery" on Linux).
struct ManifestSearch {
    /// Files longer than this are no manifests.
    private static let sizeLimit = 1 << 16
    /// More files in one folder are not looked at.
    private static let countLimit = 64

    let root: String
    let environment: [String: String]

    /// Folders in the loader's order; with `VK_DRIVER_FILES` set it looks into none of them.
    var folders: [String] {
        guard forced.isEmpty else { return [] }
        let home = environment["HOME"] ?? ""
        let configuration =
            [environment["XDG_CONFIG_HOME"] ?? home + "/.config"]
            + list("XDG_CONFIG_DIRS", else: "/etc/xdg") + ["/etc"]
        let data =
            [environment["XDG_DATA_HOME"] ?? home + "/.local/share"]
            + list("XDG_DATA_DIRS", else: "/usr/local/share:/usr/share")
        return (configuration + data).filter { $0.hasPrefix("/") }.map { $0 + "/vulkan/icd.d" }
    }

    /// Every manifest the loader would read, tried.
    func manifests() -> [DriverManifest] {
        let given = forced.isEmpty ? list("VK_ADD_DRIVER_FILES", else: "") : forced
        return (given + folders).flatMap(files).map(read)
    }

    /// The variable that replaces all folders, by its new or its old name.
    private var forced: [String] {
        let names = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"]
        guard let name = names.first(where: { environment[$0]?.isEmpty == false }) else {
            return []
        }
        return list(name, else: "")
    }

    private func list(_ variable: String, else standard: String) -> [String] {
        (environment[variable] ?? standard).split(separator: ":").map(String.init)
    }

    /// A file itself, or the manifests in a folder.
    private func files(_ path: String) -> [String] {
        guard !path.hasSuffix(".json") else { return [path] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: rooted(path))) ?? []
        return names.filter { $0.hasSuffix(".json") }.sorted().prefix(Self.countLimit).map {
            path + "/" + $0
        }
    }

    private func rooted(_ path: String) -> String {
        root == "/" || !path.hasPrefix("/") ? path : root + path
    }

    private func read(_ path: String) -> DriverManifest {
        do {
            let library = try Self.library(inManifest: rooted(path))
            // A path within the file is relative to it; a bare name is the linker's to find.
            let isRelative = library.contains("/") && !library.hasPrefix("/")
            let folder = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
            let name = isRelative ? "\(folder)/\(library)" : library
            switch LibraryProbe.driver(name.contains("/") ? rooted(name) : name) {
            case .opens(let file):
                return DriverManifest(path: path, content: .opens(library: library, path: file))
            case .fails(let reason):
                return DriverManifest(path: path, content: .fails(library: library, reason: reason))
            }
        } catch {
            return DriverManifest(
                path: path,
                content: .unreadable(reason: error.localizedDescription)
            )
        }
    }

    private struct File: Decodable {
        struct ICD: Decodable { let library_path: String }
        let ICD: ICD
    }

    private struct NoManifest: LocalizedError {
        let errorDescription: String?
    }

    private static func library(inManifest path: String) throws -> String {
        guard let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        else { throw NoManifest(errorDescription: "it does not exist") }
        guard size <= sizeLimit else {
            throw NoManifest(errorDescription: "it is larger than \(sizeLimit) bytes")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw NoManifest(errorDescription: "it cannot be read")
        }
        guard let file = try? JSONDecoder().decode(File.self, from: data) else {
            throw NoManifest(errorDescription: "it is not JSON with ICD.library_path")
        }
        return file.ICD.library_path
    }
}
