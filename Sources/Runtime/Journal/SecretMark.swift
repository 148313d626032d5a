/// What is kept of a secret to tell later whether another is the same: a salted SHA-256 digest, made by the program
/// `openssl`. Nobody reads the secret from it, and guessing takes long: it is made of the secret written out many times.
struct SecretMark: Sendable {
  private let salt: String
  private let digest: String

  /// As many bytes as this go into a digest.
  private static let length = 8 << 20
  private static let patience = Duration.seconds(10)

  /// Nil: there is no `openssl`.
  init?(of secret: String) {
    var source = SystemRandomNumberGenerator()
    let salt = SecretMark.hexadecimal((0..<16).map { _ in UInt8.random(in: .min ... .max, using: &source) })
    guard let digest = SecretMark.digest(of: secret, salt) else { return nil }
    self.init(salt: salt, digest: digest)
  }

  /// The mark as it was kept.
  init(salt: String, digest: String) {
    self.salt = salt
    self.digest = digest
  }

  /// For a file.
  var words: [String] { [salt, digest] }

  /// Whether it is the mark of that secret; nil if there is no `openssl` to tell.
  func fits(_ secret: String) -> Bool? { SecretMark.digest(of: secret, salt).map { $0 == digest } }

  private static func digest(of secret: String, _ salt: String) -> String? {
    let once = Array((salt + secret).utf8)
    let count = max(1, length / once.count)
    var input: [UInt8] = []
    input.reserveCapacity(once.count * count)
    for _ in 0..<count { input += once }
    var program = Subprocess("openssl", ["dgst", "-sha256", "-binary"])
    program.standardInput = input
    program.deadline = .now + patience
    guard let result = try? program.run(), result.succeeded, result.output.count == 32 else { return nil }
    return hexadecimal(result.output)
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
