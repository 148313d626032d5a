import Interpreter
import SandboxRuntime

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A recipe that lies in no file: `-`, `/dev/stdin`, or what a shell makes of `<(…)`. It is read once, and its paths start
/// from the folder in which nbx was started.
struct RecipeStream {
  private let descriptor: Int32
  /// What messages call it. No file is: it begins as what lies in no folder of the machine does.
  let path: String

  private static let standardInput = "<standard input>"
  private static let other = "<descriptor "

  /// - Parameter word: of the command line; nil if it means a file.
  init?(word: String) {
    switch word {
    case "-", "/dev/stdin": self.init(STDIN_FILENO)
    default:
      guard let folder = ["/dev/fd/", "/proc/self/fd/"].first(where: word.hasPrefix),
        let number = Int32(word.dropFirst(folder.count)), number >= 0
      else { return nil }
      self.init(number)
    }
  }

  /// - Parameter path: what messages call it; nil if that is a file's.
  init?(path: String) {
    if path == RecipeStream.standardInput {
      self.init(STDIN_FILENO)
    } else {
      guard path.hasPrefix(RecipeStream.other),
        let number = Int32(path.dropFirst(RecipeStream.other.count).dropLast())
      else { return nil }
      self.init(number)
    }
  }

  private init(_ descriptor: Int32) {
    self.descriptor = descriptor
    path = descriptor == STDIN_FILENO ? RecipeStream.standardInput : "\(RecipeStream.other)\(descriptor)>"
  }

  /// All of it, up to its end or to a signal that is watched.
  func read() -> Result<[UInt8], FileProblem> {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      guard !Interrupts.isAskedToStop else { return .failure(FileProblem("interrupted")) }
      var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, 100) > 0 else { continue }
      let count = chunk.withUnsafeMutableBytes { readBytes(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      if count < 0 { return .failure(FileProblem(String(cString: strerror(errno)))) }
      if count == 0 { return .success(bytes) }
      bytes += chunk[..<count]
      guard bytes.count <= RecipeFiles.largest else { return .failure(FileProblem("it has more than 64 MiB")) }
    }
  }
}

/// `read` by another name, since the methods above hide it.
private func readBytes(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(descriptor, bytes, count)
}
