#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension String {
  /// Whether both are the same code points. Swift's own `==` takes `é` and an `e` with an accent behind it for the same;
  /// files, programs and servers tell them apart, and so one of them would be lost.
  func isExactly(_ other: String) -> Bool {
    let count = utf8.count
    guard count == other.utf8.count else { return false }
    let isSame = utf8.withContiguousStorageIfAvailable { mine in
      other.utf8.withContiguousStorageIfAvailable { theirs in
        guard let mine = mine.baseAddress, let theirs = theirs.baseAddress else { return count == 0 }
        return memcmp(mine, theirs, count) == 0
      }
    }
    if let isSame, let isSame { return isSame }
    return utf8.elementsEqual(other.utf8)
  }
}

/// A text as what others are found by: the same as another if `isExactly` says so.
struct TextKey: Hashable, Sendable {
  let text: String

  init(_ text: String) { self.text = text }

  static func == (a: TextKey, b: TextKey) -> Bool { a.text.isExactly(b.text) }

  func hash(into hasher: inout Hasher) {
    let isDone: Void? = text.utf8.withContiguousStorageIfAvailable {
      hasher.combine(bytes: UnsafeRawBufferPointer($0))
    }
    if isDone == nil { Array(text.utf8).withUnsafeBytes { hasher.combine(bytes: $0) } }
    // So that two texts in a row are not the same as two others with the border elsewhere.
    hasher.combine(UInt8.max)
  }
}
