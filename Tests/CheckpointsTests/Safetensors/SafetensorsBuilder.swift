import Foundation

/// Writes safetensors files, right ones and wrong ones: the header is text that a test may change.
struct SafetensorsBuilder {
    var header = ""
    var data: [UInt8] = []

    /// Two matrices and a scalar, in an order that is not that of their bytes.
    static let sample = SafetensorsBuilder(
        header: """
            {"__metadata__":{"format":"pt"},\
            "b":{"dtype":"BF16","shape":[2,3],"data_offsets":[16,28]},\
            "a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},\
            "s":{"dtype":"F8_E4M3","shape":[],"data_offsets":[28,29]}}
            """,
        data: Array(0..<29)
    )

    func build(announcing length: UInt64? = nil) -> [UInt8] {
        let text = Array(header.utf8)
        let length = length ?? UInt64(text.count)
        return (0..<8).map { UInt8(truncatingIfNeeded: length >> UInt64(8 * $0)) } + text + data
    }

    /// A file of one tensor.
    static func one(_ description: String, byteCount: Int) -> [UInt8] {
        SafetensorsBuilder(
            header: "{\"w\":{\(description)}}",
            data: Array(repeating: 1, count: byteCount)
        ).build()
    }
}
