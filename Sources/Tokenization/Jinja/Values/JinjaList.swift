/// The elements of a list or a tuple, with what the interpreter's limits need to know about them,
/// so that no limit has to walk a value.
public struct JinjaList: Sendable {
    public let elements: [JinjaValue]
    package let depth: Int32
    package let weight: Int32

    public init(_ elements: [JinjaValue]) {
        var depth = 0
        var weight = 1
        for element in elements {
            depth = Swift.max(depth, element.depth)
            weight += element.weight
        }
        self.elements = elements
        self.depth = Int32(clamping: depth + 1)
        self.weight = Int32(clamping: weight)
    }
}

extension JinjaList: ExpressibleByArrayLiteral {
    public init(arrayLiteral elements: JinjaValue...) { self.init(elements) }
}

extension JinjaList: RandomAccessCollection {
    public var startIndex: Int { elements.startIndex }
    public var endIndex: Int { elements.endIndex }
    public subscript(position: Int) -> JinjaValue { elements[position] }
}
