#if canImport(Glibc)
  import Glibc
#endif

/// Memory for large recipes, in large pages. A tree takes some twenty times the room of its text; given in pages of
/// 4 KiB, a quarter of the time to read 100,000 lines went into asking the kernel for them.
enum LargePages {
  /// Below this a recipe is read in less time than preparing takes.
  private static let leastText = 256 << 10
  private static let treePerText = 20
  private static let pageSize = 2 << 20

  /// An array for a text of so many bytes; behind it there is room for the tree that this thread makes of it.
  static func array(of bytes: Int) -> [UInt8] {
    #if canImport(Glibc)
      // Swift's Glibc leaves malloc.h out.
      guard bytes >= leastText, let symbol = dlsym(nil, "mallopt") else { return [UInt8](repeating: 0, count: bytes) }
      let mallopt = unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
      let (trimThreshold, topPad, mmapThreshold): (Int32, Int32, Int32) = (-1, -2, -3)
      let room = min(bytes * treePerText, 1 << 30) / pageSize * pageSize
      // See mallopt(3): the heap keeps what it has, serves large arrays too, and grows by `room` with the next one.
      _ = mallopt(trimThreshold, .max)
      _ = mallopt(mmapThreshold, 32 << 20)
      _ = mallopt(topPad, Int32(room))
      let array = [UInt8](repeating: 0, count: bytes)
      _ = mallopt(topPad, 1 << 20)
      if let end = sbrk(0) { madvise(end - room, room, Int32(MADV_HUGEPAGE)) }
      return array
    #else
      return [UInt8](repeating: 0, count: bytes)
    #endif
  }
}
