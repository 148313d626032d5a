/// Names that no other client has: for inboxes and message identifiers.
enum UniqueID {
  private static let process = next()
  private static let lock = Lock()
  nonisolated(unsafe) private static var lastNumber = 0

  /// For one of many: chance once for the process, then counted. It is unique, and can be guessed by whoever saw another.
  static func nextInRow() -> String {
    lock.lock()
    lastNumber += 1
    let number = lastNumber
    lock.unlock()
    return "\(process)-\(number)"
  }

  private static let letters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

  /// 22 letters and digits, about 131 bits of chance.
  static func next() -> String {
    var source = SystemRandomNumberGenerator()
    let bytes = (0..<22).map { _ in letters[Int.random(in: 0..<letters.count, using: &source)] }
    return String(decoding: bytes, as: UTF8.self)
  }
}
