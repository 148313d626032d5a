import Machine

/// What was entered before, the oldest first.
public struct History: Sendable {
  public private(set) var entries: [String]
  /// More are forgotten, the oldest first.
  private let most: Int

  public init(_ entries: [String] = [], most: Int = 10_000) {
    self.most = most
    self.entries = Array(entries.suffix(most))
  }

  /// Adds an entry, unless it is empty or the last one again.
  public mutating func add(_ entry: String) {
    guard !entry.isEmpty, entry != entries.last else { return }
    entries.append(entry)
    if entries.count > most + most / 10 { entries.removeFirst(entries.count - most) }
  }

  /// The nearest entry before, or behind, a place that fits; one that is no other than what is there does not.
  func place(from start: Int, back: Bool, where fits: (String) -> Bool) -> Int? {
    var place = start
    while true {
      place += back ? -1 : 1
      guard entries.indices.contains(place) else { return nil }
      if fits(entries[place]) { return place }
    }
  }
}

/// A history that outlives the program, an entry a line. Several programs may add to it at once.
public struct HistoryFile: Sendable {
  private let path: String
  /// A longer file is cut to the entries that count.
  private let largest: Int
  /// Longer entries are not kept.
  private static let longestEntry = 64 << 10

  public init(path: String) { self.init(path: path, largest: 4 << 20) }

  init(path: String, largest: Int) {
    self.path = path
    self.largest = largest
  }

  /// The entries, the oldest first; none if the file can't be read.
  public func entries(most: Int) -> [String] {
    guard let bytes = Paths.bytes(at: path) else { return [] }
    let entries = bytes.split(separator: UInt8(ascii: "\n")).suffix(most).map(HistoryFile.unescaped)
    if bytes.count > largest { shorten(most: most) }
    return entries
  }

  /// Adds an entry, as a whole or not at all: a history that can't be written is no reason to stop.
  public func add(_ entry: String) {
    var line = HistoryFile.escaped(entry)
    guard line.count <= HistoryFile.longestEntry, let file = opened() else { return }
    defer { close(file) }
    // Somebody's last write may have gone half way.
    var last = UInt8(ascii: "\n")
    if lseek(file, -1, SEEK_END) >= 0, read(file, &last, 1) == 1, last != UInt8(ascii: "\n") {
      line.insert(UInt8(ascii: "\n"), at: 0)
    }
    // One write at the file's end, with the lock held, never mixes with another's.
    _ = line.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
  }

  /// The file, open and locked for as long as it is.
  private func opened() -> Int32? {
    while true {
      let file = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
      guard file >= 0 else { return nil }
      while flock(file, LOCK_EX) < 0, errno == EINTR {}
      // Another program may have put a shortened file in its place meanwhile.
      var own = stat()
      var named = stat()
      if fstat(file, &own) == 0, stat(path, &named) == 0, own.st_ino == named.st_ino { return file }
      close(file)
    }
  }

  /// Puts a file with the last entries in its place.
  private func shorten(most: Int) {
    guard let file = opened() else { return }
    defer { close(file) }
    guard let bytes = Paths.bytes(at: path) else { return }
    let kept = bytes.split(separator: UInt8(ascii: "\n")).suffix(most)
    let temporary = "\(path).new"
    let new = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard new >= 0 else { return }
    let text = Array(kept.joined(separator: [UInt8(ascii: "\n")])) + [UInt8(ascii: "\n")]
    let written = text.withUnsafeBytes { write(new, $0.baseAddress, $0.count) }
    close(new)
    if written == text.count { rename(temporary, path) } else { unlink(temporary) }
  }

  /// On one line, with its end.
  private static func escaped(_ entry: String) -> [UInt8] {
    var line: [UInt8] = []
    for byte in entry.utf8 {
      switch byte {
      case UInt8(ascii: "\n"): line += Array("\\n".utf8)
      case UInt8(ascii: "\\"): line += Array("\\\\".utf8)
      default: line.append(byte)
      }
    }
    return line + [UInt8(ascii: "\n")]
  }

  private static func unescaped(_ line: ArraySlice<UInt8>) -> String {
    var text: [UInt8] = []
    var isEscaped = false
    for byte in line {
      if isEscaped {
        text.append(byte == UInt8(ascii: "n") ? UInt8(ascii: "\n") : byte)
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else {
        text.append(byte)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
