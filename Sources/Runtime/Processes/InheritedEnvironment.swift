/// What of the environment that nbx was given is no UTF-8. No string can hold it; programs get it byte for byte.
enum InheritedEnvironment {
  private struct Entry: Sendable {
    /// As strings have them, with a sign in place of what is no letter.
    let name: String
    let value: String
    /// `NAME=VALUE`, and the zero behind it.
    let bytes: [CChar]
  }

  private static let odd: [Entry] = {
    var odd: [Entry] = []
    guard var place = ProcessPlatform.environment else { return [] }
    while let entry = place.pointee {
      place += 1
      guard String(validatingCString: entry) == nil else { continue }
      let parts = String(cString: entry).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { continue }
      var bytes: [CChar] = []
      var next = UnsafePointer(entry)
      while next.pointee != 0 {
        bytes.append(next.pointee)
        next += 1
      }
      odd.append(Entry(name: String(parts[0]), value: String(parts[1]), bytes: bytes + [0]))
    }
    return odd
  }()

  /// The environment of a program as bytes, each variable with a zero behind it: what was not changed is as nbx got it.
  static func entries(of environment: [String: String]) -> [[CChar]] {
    var plain = environment
    var entries: [[CChar]] = []
    for entry in odd where plain[entry.name] == entry.value {
      plain[entry.name] = nil
      entries.append(entry.bytes)
    }
    return entries + plain.map { Array("\($0.key)=\($0.value)".utf8CString) }
  }
}
