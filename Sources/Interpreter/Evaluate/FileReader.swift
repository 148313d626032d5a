import Machine

/// Reads a file for an operation on values: piece by piece, up to what a text may hold. A file may be a device without an
/// end, or a pipe into which nobody writes yet.
struct FileReader {
  private let descriptor: Int32

  /// The bytes of a file; nil if there is none, or it may not be read.
  static func bytes(of path: String) throws(ValueProblem) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return try FileReader(descriptor: descriptor).all()
  }

  private static let pieceSize = 256 << 10
  /// Between two looks at whether there is still time, while nothing comes.
  private static let pause: Int32 = 20

  private func all() throws(ValueProblem) -> [UInt8]? {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: FileReader.pieceSize)
    while true {
      try Budget.ofThread.spend(FileReader.pieceSize / 16)
      let count = read(descriptor, &piece, piece.count)
      if count > 0 {
        bytes += piece[..<count]
        try Value.checkBytes(bytes.count)
      } else if count == 0 {
        // A pipe that nobody has opened for writing yet has an end, too, but not the one that is meant.
        guard bytes.isEmpty, Paths.isPipe(descriptor), !areWritersGone() else { return bytes }
      } else if errno == EAGAIN {
        _ = areWritersGone()
      } else if errno != EINTR {
        return nil
      }
    }
  }

  private func areWritersGone() -> Bool { Paths.areWritersGone(descriptor, within: FileReader.pause) }
}
