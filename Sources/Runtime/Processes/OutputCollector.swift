#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Takes in what a program writes to one of its streams: keeps it, up to a limit, and hands on whole lines.
struct OutputCollector {
  private(set) var kept: [UInt8] = []
  /// More came than was to be kept.
  private(set) var isOverLimit = false
  private let stream: ProgramStream
  private let pipe: OwnedDescriptor
  private let keptLimit: Int
  private let onOutput: ((ProgramStream, [UInt8]) -> Void)?
  private var unfinishedLine: [UInt8] = []

  private static let longestLine = 64 << 10
  private static let readSize = 64 << 10

  init(
    _ stream: ProgramStream, from pipe: OwnedDescriptor, keptLimit: Int,
    onOutput: ((ProgramStream, [UInt8]) -> Void)?
  ) {
    self.stream = stream
    self.pipe = pipe
    self.keptLimit = keptLimit
    self.onOutput = onOutput
    pipe.makeNonBlocking()
  }

  /// For `poll(2)`; -1 once nobody can write to it any more.
  var descriptor: Int32 { pipe.number }

  /// Whether every process that could write to it has gone or closed it.
  var hasEnded: Bool { pipe.number < 0 }

  /// Reads once. False: there was nothing to read.
  @discardableResult
  mutating func readSome() -> Bool {
    guard !hasEnded else { return false }
    var count = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: Self.readSize) { buffer, filled in
      repeat { count = read(pipe.number, buffer.baseAddress, buffer.count) } while count < 0 && errno == EINTR
      filled = max(0, count)
    }
    if count == 0 || (count < 0 && errno != EAGAIN) { pipe.close() }
    guard count > 0 else { return false }
    take(bytes)
    return true
  }

  /// Reads what the program wrote before it ended, and hands on the last, unfinished line. A process that it left behind
  /// may write on for ever: only what is in the pipe now is read.
  mutating func finish() {
    var waiting: Int32 = 0
    if !hasEnded, ioctl(pipe.number, UInt(FIONREAD), &waiting) == 0 {
      var left = Int(waiting)
      while left > 0, readSome() { left -= Self.readSize }
    }
    pipe.close()
    if !unfinishedLine.isEmpty { onOutput?(stream, unfinishedLine) }
    unfinishedLine = []
  }

  private mutating func take(_ bytes: [UInt8]) {
    let room = keptLimit - kept.count
    kept.append(contentsOf: bytes.prefix(room))
    if bytes.count > room { isOverLimit = true }
    if onOutput != nil { handOnLines(of: bytes) }
  }

  private mutating func handOnLines(of bytes: [UInt8]) {
    var rest = bytes[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      unfinishedLine.append(contentsOf: rest[..<end])
      if unfinishedLine.last == UInt8(ascii: "\r") { unfinishedLine.removeLast() }
      onOutput?(stream, unfinishedLine)
      unfinishedLine.removeAll(keepingCapacity: true)
      rest = rest[(end + 1)...]
    }
    unfinishedLine.append(contentsOf: rest)
    if unfinishedLine.count > Self.longestLine {
      onOutput?(stream, unfinishedLine)
      unfinishedLine = []
    }
  }
}
