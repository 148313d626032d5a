/// What is kept of a secret to tell later whether another is the same, as `openssl passwd` makes it of a password: `$6$`, a
/// salt, `$`, and a digest of thousands of rounds, so that guessing takes long.
struct SecretMark: Sendable {
  /// For a file.
  let text: String

  private static let patience = Duration.seconds(10)

  /// The mark as it was kept.
  init(text: String) { self.text = text }

  /// Nil: there is no `openssl`.
  init?(of secret: String) {
    guard let text = SecretMark.made(of: secret) else { return nil }
    self.init(text: text)
  }

  /// Whether it is the mark of that secret; nil if there is no `openssl` to tell.
  func fits(_ secret: String) -> Bool? {
    let parts = text.split(separator: "$")
    guard parts.count == 3 else { return false }
    return SecretMark.made(of: secret, salt: String(parts[1])).map { $0 == text }
  }

  /// - Parameter salt: one of its own if it is nil.
  private static func made(of secret: String, salt: String? = nil) -> String? {
    // `passwd` reads a line, and no more than 256 letters of it: any secret is one when it is a digest.
    guard let digest = openssl(["dgst", "-sha256", "-r"], reading: secret)?.prefix(64) else { return nil }
    return openssl(["passwd", "-6", "-stdin"] + (salt.map { ["-salt", $0] } ?? []), reading: digest + "\n")
  }

  private static func openssl(_ words: [String], reading input: String) -> String? {
    var program = Subprocess("openssl", words)
    program.standardInput = Array(input.utf8)
    program.deadline = .now + patience
    guard let result = try? program.run(), result.succeeded else { return nil }
    let line = String(decoding: result.output, as: UTF8.self).split(separator: "\n").first
    return line.map(String.init)
  }
}
