#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Paths of files, and what lies at them.
package enum Paths {
  /// The whole file; nil if there is none, or it cannot be read.
  package static func bytes(at path: String) -> [UInt8]? {
    var file: Int32
    repeat { file = open(path, O_RDONLY | O_CLOEXEC) } while file < 0 && errno == EINTR
    guard file >= 0 else { return nil }
    defer { close(file) }
    var all: [UInt8] = []
    while true {
      var got = 0
      let part = [UInt8](unsafeUninitializedCapacity: 16 << 10) { buffer, count in
        repeat { got = read(file, buffer.baseAddress, buffer.count) } while got < 0 && errno == EINTR
        count = max(0, got)
      }
      guard got > 0 else { return got < 0 ? nil : all }
      all += part
    }
  }

  /// The folder that the last part of a path lies in; `.` where it has but one.
  package static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The path without links, `.` and `..`, a relative one from the working folder on; nil where it leads nowhere.
  package static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}

/// The system's own words for an error number.
package func errorText(_ number: Int32) -> String { String(cString: strerror(number)) }
