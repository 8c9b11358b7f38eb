import CShaderc
import Foundation

/// What the include callbacks know: where included files are.
final class IncludeFolder {
    let path: String

    init(_ path: String) {
        self.path = path
    }
}

/// libshaderc's callback for `#include`: the file from the include folder, in memory that
/// `releaseInclude` frees.
func resolveInclude(
    _ userData: UnsafeMutableRawPointer?,
    _ requested: UnsafePointer<CChar>?,
    _ type: Int32,
    _ requesting: UnsafePointer<CChar>?,
    _ depth: Int
) -> UnsafeMutablePointer<shaderc_include_result>? {
    guard let userData = unsafe userData, let requested = unsafe requested else { return nil }
    let folder = unsafe Unmanaged<IncludeFolder>.fromOpaque(userData).takeUnretainedValue()
    let path = unsafe folder.path + "/" + String(cString: requested)
    let text = FileManager.default.contents(atPath: path)
    // An empty name tells shaderc that the file was not found, and the content why.
    let name = text == nil ? Data() : Data(path.utf8)
    let content = text ?? Data("\(path) cannot be read".utf8)
    let result = UnsafeMutablePointer<shaderc_include_result>.allocate(capacity: 1)
    unsafe result.initialize(
        to: shaderc_include_result(
            source_name: copy(name),
            source_name_length: name.count,
            content: copy(content),
            content_length: content.count,
            user_data: nil
        )
    )
    return unsafe result
}

/// Frees what `resolveInclude` made.
func releaseInclude(
    _ userData: UnsafeMutableRawPointer?,
    _ result: UnsafeMutablePointer<shaderc_include_result>?
) {
    guard let result = unsafe result else { return }
    unsafe result.pointee.source_name.deallocate()
    unsafe result.pointee.content.deallocate()
    unsafe result.deallocate()
}

private func copy(_ data: Data) -> UnsafePointer<CChar> {
    let pointer = UnsafeMutablePointer<CChar>.allocate(capacity: data.count + 1)
    for (index, byte) in data.enumerated() { unsafe pointer[index] = CChar(bitPattern: byte) }
    unsafe pointer[data.count] = 0
    return unsafe UnsafePointer(pointer)
}
