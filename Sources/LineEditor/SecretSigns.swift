import Lexer

/// What tells that a text may hold what nobody is to find in a file. It errs on the side of caution: a line of history
/// that is lost costs less than a password that is kept.
public enum SecretSigns {
  /// Wherever they stand.
  private static let telling = [
    "secret", "password", "passwd", "passphrase", "token", "credential", "private", "apikey", "api_key", "api-key",
    "authorization", "bearer", "cookie", "access_key", "accesskey", "access-key", "--seed", "--nkey", "-----begin",
  ]
  /// The words of a name: `pass`, `db_pass`, `dbPass`, `--pass`.
  private static let tellingWords: Set<String> = ["pass", "pwd", "pw", "cred", "creds", "auth", "seed", "login"]
  /// The ends of a name in small letters: `gwpass`.
  private static let tellingEnds = ["pass", "pwd", "pw", "creds"]
  /// Seeds, tokens and keys are at least this long, and are made of letters and digits.
  private static let shortestKey = 32
  /// Of small letters, large ones and digits, as base64 has them.
  private static let shortestMixedKey = 20
  /// Of large letters and digits, as the names of AWS keys are.
  private static let shortestLargeKey = 16
  /// What keys begin with that tell by it whose they are: a JWT, then AWS, GitHub, GitLab, Slack, OpenAI and Stripe, Google,
  /// npm, Vault, SendGrid.
  private static let keyBeginnings = [
    "eyJ", "AKIA", "ASIA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xoxa-", "xoxb-", "xoxp-",
    "xoxr-", "xoxs-", "sk-", "sk_", "rk_", "AIza", "ya29.", "npm_", "hvs.", "SG.",
  ]
  /// With what they begin with.
  private static let shortestNamedKey = 12
  /// Behind the letter of its flag.
  private static let shortestPassword = 4

  /// Whether there are some.
  public static func areIn(_ text: String) -> Bool {
    let small = text.lowercased()
    if telling.contains(where: small.contains) { return true }
    return namesSecret(text) || holdsKey(text) || holdsLogin(text) || holdsPasswordFlag(text)
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
    // The signs of base64 part what is a path or an address.
    let words = text.split { !isPlain($0) && !"+/_-.".contains($0) }
    return words.contains { word in
      if word.utf8.count >= shortestNamedKey, keyBeginnings.contains(where: word.hasPrefix) { return true }
      let isPath = word.hasPrefix("/") || word.contains(".")
      let parts = isPath ? word.split { "/.".contains($0) } : [word]
      return parts.contains(where: isMixedKey) || word.split { !isPlain($0) }.contains(where: isPlainKey)
    }
  }

  private static func isPlain(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber)
  }

  private static func isMixedKey(_ word: Substring) -> Bool {
    word.utf8.count >= shortestMixedKey && word.contains(where: \.isNumber) && word.contains(where: \.isUppercase)
      && word.contains(where: \.isLowercase)
  }

  private static func isPlainKey(_ word: Substring) -> Bool {
    guard word.contains(where: \.isNumber), word.contains(where: \.isLetter) else { return false }
    return word.utf8.count >= (word.contains(where: \.isLowercase) ? shortestKey : shortestLargeKey)
  }

  /// `scheme://user:password@host`, `user:password@host`, `-u user:password`.
  private static func holdsLogin(_ text: String) -> Bool {
    if let scheme = text.firstRange(of: "://"), text[scheme.upperBound...].contains("@") { return true }
    let pieces = text.split { $0.isWhitespace || $0 == "\"" || $0 == "'" }
    for (place, piece) in pieces.enumerated() {
      if let colon = piece.firstIndex(of: ":"), piece[colon...].contains("@") { return true }
      if piece.hasPrefix("-u"), piece.contains(":") { return true }
      let former = place > 0 ? String(pieces[place - 1]) : ""
      if EvidentSecrets.range(inWord: String(piece), behind: former) != nil { return true }
    }
    return false
  }

  /// `-psecret99`, as of mysql. Behind `-p` in one word there may also be a port, or the rest of a flag's name.
  private static func holdsPasswordFlag(_ text: String) -> Bool {
    text.split { $0.isWhitespace || $0 == "\"" || $0 == "'" }.contains { word in
      guard word.hasPrefix("-p") || word.hasPrefix("-P") else { return false }
      let value = word.dropFirst(2)
      let isPort =
        value.allSatisfy { $0.isNumber || ".:/-".contains($0) } || ["/tcp", "/udp"].contains(value.suffix(4))
      let isName = value.allSatisfy { $0.isLowercase && $0.isLetter || $0 == "-" }
      return value.count >= shortestPassword && !isPort && !isName
    }
  }
}
