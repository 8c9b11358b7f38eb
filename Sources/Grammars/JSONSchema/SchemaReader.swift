/// Resolves what combines schemas (`$ref`, `allOf`, `anyOf`, `oneOf`) into alternatives of plain
/// conjunctions.
struct SchemaReader {
    let root: JSONValue
    let limits: GrammarLimits

    /// Keywords that say nothing about values.
    private static let annotations: Set<String> = [
        "title", "description", "default", "examples", "example", "$schema", "$id", "$comment",
        "$defs", "definitions", "deprecated", "readOnly", "writeOnly", "discriminator", "strict",
    ]

    private static let combining: Set<String> = ["$ref", "allOf", "anyOf", "oneOf"]

    /// What a schema is, when one keyword alone decides.
    enum Form {
        case anything
        case nothing
        case reference(String)
        case alternatives([JSONValue])
        case assertions
    }

    func form(of schema: JSONValue, path: String) throws(GrammarError) -> Form {
        let members = try assertions(of: schema, path: path)
        guard let members else { return schema == .bool(false) ? .nothing : .anything }
        if members.isEmpty { return .anything }
        guard members.count == 1, let only = members.first else { return .assertions }
        switch (only.key, only.value) {
        case ("$ref", .string(let pointer)): return .reference(pointer)
        case ("anyOf", .array(let parts)): return .alternatives(parts)
        case ("allOf", .array(let parts)) where parts.count == 1: return .alternatives(parts)
        case ("oneOf", .array(let parts)):
            try requireDisjoint(parts, path: path + "/oneOf")
            return .alternatives(parts)
        default: return .assertions
        }
    }

    /// The members that assert something, or nil for a boolean.
    private func assertions(
        of schema: JSONValue,
        path: String
    ) throws(GrammarError) -> [JSONValue.Member]? {
        switch schema {
        case .bool: return nil
        case .object(let members): return members.filter { !Self.annotations.contains($0.key) }
        default: throw .unsupported(path: path, problem: "a schema is an object or a boolean")
        }
    }

    /// The conjunctions of which a value must satisfy one.
    func alternatives(
        of schema: JSONValue,
        path: String,
        depth: Int = 0
    ) throws(GrammarError) -> [Schema] {
        guard depth <= limits.depth else {
            throw .overLimit(what: "combined schemas within each other", limit: limits.depth)
        }
        guard let members = try assertions(of: schema, path: path) else {
            return schema == .bool(false) ? [] : [Schema()]
        }
        let plain = members.filter { !Self.combining.contains($0.key) }
        var found = [try Schema(plain, path: path, limits: limits)]
        for member in members where Self.combining.contains(member.key) {
            let path = path + "/" + member.key
            switch (member.key, member.value) {
            case ("$ref", .string(let pointer)):
                let target = try resolve(pointer, path: path)
                found = try intersect(
                    found,
                    alternatives(of: target, path: pointer, depth: depth + 1)
                )
            case ("allOf", .array(let parts)):
                for (index, part) in parts.enumerated() {
                    found = try intersect(
                        found,
                        alternatives(of: part, path: "\(path)/\(index)", depth: depth + 1)
                    )
                }
            case ("anyOf", .array(let parts)), ("oneOf", .array(let parts)):
                if member.key == "oneOf" { try requireDisjoint(parts, path: path, depth: depth) }
                var any: [Schema] = []
                for (index, part) in parts.enumerated() {
                    any += try alternatives(of: part, path: "\(path)/\(index)", depth: depth + 1)
                }
                found = try intersect(found, any)
            default: throw Schema.wrong(path, member.key == "$ref" ? "a string" : "an array")
            }
        }
        return found
    }

    private func intersect(
        _ first: [Schema],
        _ second: [Schema]
    ) throws(GrammarError) -> [Schema] {
        guard first.count * second.count <= limits.alternativeCount else {
            throw .overLimit(what: "alternatives", limit: limits.alternativeCount)
        }
        return first.flatMap { one in second.compactMap { one.intersection($0) } }
    }

    /// `oneOf` forbids values that satisfy two alternatives, which an automaton cannot undo: it is
    /// taken where there can be none.
    private func requireDisjoint(
        _ parts: [JSONValue],
        path: String,
        depth: Int = 0
    ) throws(GrammarError) {
        guard parts.count <= limits.alternativeCount else {
            throw .overLimit(what: "alternatives", limit: limits.alternativeCount)
        }
        var read: [[Schema]] = []
        for (index, part) in parts.enumerated() {
            read.append(try alternatives(of: part, path: "\(path)/\(index)", depth: depth + 1))
        }
        for second in read.indices {
            for first in 0..<second {
                let areDisjoint = read[first].allSatisfy { one in
                    read[second].allSatisfy { one.isDisjoint(from: $0) }
                }
                guard areDisjoint else {
                    throw .unsupported(
                        path: path,
                        problem: "the alternatives \(first) and \(second) may hold at once, which "
                            + "'oneOf' forbids and cannot be enforced; use 'anyOf', or give both "
                            + "a required property with different constants"
                    )
                }
            }
        }
    }

    /// The schema that a reference within the document names.
    func resolve(_ pointer: String, path: String) throws(GrammarError) -> JSONValue {
        guard pointer == "#" || pointer.hasPrefix("#/") else {
            throw .unsupported(
                path: path,
                problem: "'\(pointer)' is outside the schema; put the definition under '$defs'"
            )
        }
        var here = root
        for part in pointer.dropFirst().split(separator: "/") {
            let key = Self.unescaped(part)
            var next = here[key]
            if case .array(let elements) = here, let index = Int(key),
                elements.indices.contains(index)
            {
                next = elements[index]
            }
            guard let next else {
                throw .unsupported(path: path, problem: "'\(pointer)' names nothing")
            }
            here = next
        }
        return here
    }

    /// A part of a JSON pointer in a URI fragment (RFC 6901, section 6).
    private static func unescaped(_ part: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(part.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else if byte == UInt8(ascii: "~"), let next = rest.first, [0x30, 0x31].contains(next)
            {
                bytes.append(next == 0x30 ? UInt8(ascii: "~") : UInt8(ascii: "/"))
                rest = rest.dropFirst()
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
