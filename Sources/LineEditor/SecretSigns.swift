/// What tells that a text may hold what nobody is to find in a file. It errs on the side of caution: a line of history
/// that is lost costs less than a password that is kept.
public enum SecretSigns {
  /// Wherever they stand.
  private static let telling = [
    "secret", "password", "passwd", "passphrase", "token", "credential", "private", "apikey", "api_key", "api-key",
    "authorization", "bearer", "cookie", "--seed", "--nkey",
  ]
  /// The words of a name: `pass`, `db_pass`, `dbPass`, `--pass`.
  private static let tellingWords: Set<String> = ["pass", "pwd", "pw", "cred", "creds", "auth", "seed"]
  /// The ends of a name in small letters: `gwpass`.
  private static let tellingEnds = ["pass", "pwd", "pw", "creds"]
  /// What a program is told a user's name and password by.
  private static let userFlags: Set<String> = ["-u", "--user", "--proxy-user", "-U"]
  /// Seeds, tokens and keys are at least this long, and are made of letters and digits.
  private static let shortestKey = 32

  /// Whether there are some.
  public static func areIn(_ text: String) -> Bool {
    let small = text.lowercased()
    if telling.contains(where: small.contains) { return true }
    return namesSecret(text) || holdsKey(text) || holdsLogin(text)
  }

  private static func namesSecret(_ text: String) -> Bool {
    for name in text.split(whereSeparator: { !$0.isLetter && !$0.isNumber }) {
      let small = name.lowercased()
      if tellingEnds.contains(where: small.hasSuffix) { return true }
      if words(of: name).contains(where: tellingWords.contains) { return true }
    }
    return false
  }

  /// Those of `dbPass` are `db` and `pass`.
  private static func words(of name: Substring) -> [String] {
    var words: [String] = []
    var isBehindSmall = false
    for letter in name {
      if words.isEmpty || letter.isUppercase && isBehindSmall { words.append("") }
      words[words.count - 1] += letter.lowercased()
      isBehindSmall = !letter.isUppercase
    }
    return words
  }

  private static func holdsKey(_ text: String) -> Bool {
    text.split { !$0.isASCII || !$0.isLetter && !$0.isNumber }.contains { word in
      word.utf8.count >= shortestKey && word.contains(where: \.isNumber) && word.contains(where: \.isLetter)
    }
  }

  /// `scheme://user:password@host`, `user:password@host`, `-u user:password`.
  private static func holdsLogin(_ text: String) -> Bool {
    if let scheme = text.firstRange(of: "://"), text[scheme.upperBound...].contains("@") { return true }
    let pieces = text.split { $0.isWhitespace || $0 == "\"" || $0 == "'" }
    for (place, piece) in pieces.enumerated() {
      if let colon = piece.firstIndex(of: ":"), piece[colon...].contains("@") { return true }
      if piece.hasPrefix("-u"), piece.contains(":") { return true }
      if place > 0, userFlags.contains(String(pieces[place - 1])), piece.contains(":") { return true }
      if piece.hasPrefix("--"), let equals = piece.firstIndex(of: "="), userFlags.contains(String(piece[..<equals])),
        piece[equals...].contains(":")
      {
        return true
      }
    }
    return false
  }
}
