import Foundation

/// A hub's description of a repository at one revision: the commit and its files.
package struct RepositoryListing: Sendable, Equatable {
    package struct File: Sendable, Equatable {
        package let path: RelativePath
        package let byteCount: Int64?
        /// Of files that the hub stores by their content; small ones have none.
        package let sha256: String?
    }

    /// The commit, which names these files for ever.
    package let commit: String
    package let files: [File]

    /// From the hub's JSON. Files whose names lead out of a folder make the whole answer refused.
    package init(json: [UInt8], address: String) throws(ModelStoreError) {
        let record: Record
        do {
            record = try JSONDecoder().decode(Record.self, from: Data(json))
        } catch {
            throw .malformedAnswer(
                address: address,
                problem: "it does not describe a repository as a hub does"
            )
        }
        guard (7...64).contains(record.sha.utf8.count), record.sha.allSatisfy(\.isHexDigit) else {
            throw .malformedAnswer(address: address, problem: "the commit is no hexadecimal number")
        }
        let limit = StoreLimits().fileCount
        guard record.siblings.count <= limit else {
            throw .malformedAnswer(
                address: address,
                problem: "the repository has \(record.siblings.count) files, over \(limit)"
            )
        }
        commit = record.sha.lowercased()
        var files: [File] = []
        for sibling in record.siblings { files.append(try sibling.file(address)) }
        self.files = files
    }

    private struct Record: Decodable {
        let sha: String
        let siblings: [Sibling]
    }

    private struct Sibling: Decodable {
        struct Stored: Decodable {
            let sha256: String?
            let size: Int64?
        }
        let rfilename: String
        let size: Int64?
        let lfs: Stored?

        func file(_ address: String) throws(ModelStoreError) -> File {
            guard let path = RelativePath(rfilename) else {
                throw .malformedAnswer(
                    address: address,
                    problem: "it names a file '\(rfilename.prefix(80))', which could be written "
                        + "outside of the model's folder"
                )
            }
            let byteCount = lfs?.size ?? size
            if let byteCount, byteCount < 0 {
                throw .malformedAnswer(address: address, problem: "\(path) has \(byteCount) bytes")
            }
            if let digest = lfs?.sha256,
                digest.utf8.count != 64 || !digest.allSatisfy(\.isHexDigit)
            {
                throw .malformedAnswer(
                    address: address,
                    problem: "\(path) has no SHA-256 as its sum"
                )
            }
            return File(path: path, byteCount: byteCount, sha256: lfs?.sha256?.lowercased())
        }
    }
}
