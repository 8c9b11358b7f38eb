/// Where the numbers of a SPIR-V module's push constants stand: read off the module itself.
struct PushConstantLayout: Equatable {
    /// One number.
    struct Member: Equatable {
        let offset: Int
        let byteCount: Int
    }

    /// In the order of their declaration, members of inner structs in their places.
    let members: [Member]

    init(members: [Member]) {
        self.members = members
    }

    /// Follows the module's only variable in push constant storage to its type's leaves.
    init?(spirv words: [UInt32]) {
        var module = Types()
        var index = 5
        while index < words.count {
            let length = Int(words[index] >> 16)
            guard length > 0, index + length <= words.count else { return nil }
            module.read(Array(words[index..<index + length]))
            index += length
        }
        guard let pointer = module.pushConstantPointer, let block = module.pointees[pointer],
            let members = module.leaves(of: block, at: 0)
        else { return nil }
        self.members = members
    }

    /// What a module says of its types; numbers from the SPIR-V specification, section 3.
    private struct Types {
        private static let typeInt: UInt32 = 21
        private static let typeFloat: UInt32 = 22
        private static let typeStruct: UInt32 = 30
        private static let typePointer: UInt32 = 32
        private static let variable: UInt32 = 59
        private static let memberDecorate: UInt32 = 72
        private static let offsetDecoration: UInt32 = 35
        private static let pushConstantClass: UInt32 = 9

        private var scalars: [UInt32: Int] = [:]
        private var structs: [UInt32: [UInt32]] = [:]
        private var offsets: [UInt32: [UInt32: Int]] = [:]
        private(set) var pointees: [UInt32: UInt32] = [:]
        private(set) var pushConstantPointer: UInt32?

        mutating func read(_ instruction: [UInt32]) {
            switch instruction[0] & 0xFFFF {
            case Self.typeInt, Self.typeFloat:
                scalars[instruction[1]] = Int(instruction[2]) / 8
            case Self.typeStruct: structs[instruction[1]] = Array(instruction[2...])
            case Self.typePointer: pointees[instruction[1]] = instruction[3]
            case Self.variable where instruction[3] == Self.pushConstantClass:
                pushConstantPointer = instruction[1]
            case Self.memberDecorate where instruction[3] == Self.offsetDecoration:
                offsets[instruction[1], default: [:]][instruction[2]] = Int(instruction[4])
            default: break
            }
        }

        func leaves(of type: UInt32, at offset: Int) -> [Member]? {
            if let byteCount = scalars[type] {
                return [Member(offset: offset, byteCount: byteCount)]
            }
            guard let members = structs[type] else { return nil }
            var found: [Member] = []
            for (index, member) in members.enumerated() {
                guard let start = offsets[type]?[UInt32(index)],
                    let inner = leaves(of: member, at: offset + start)
                else { return nil }
                found += inner
            }
            return found
        }
    }
}
