import Synchronization

/// The secrets that a run has met, to cover them in what programs print.
public final class SecretRegistry: Sendable {
  private struct Known {
    var texts: Set<TextKey> = []
    var searches: [ByteSearch] = []
    var parts = SecretParts()
  }

  private let known = Mutex(Known())
  /// Too short to be covered, long enough to be known.
  private let short = Mutex<Set<TextKey>>([])

  /// Shorter secrets stand in too much innocent text.
  private static let shortest = 8
  /// Shorter ones are not looked for where caution costs little, either.
  private static let shortestKnown = 3

  /// Knows no secret yet.
  public init() {}

  /// Remembers the secret parts of a text, and their lines.
  public func add(_ text: Text) {
    for secret in text.knownSecrets {
      let length = secret.utf8.count
      if length >= SecretRegistry.shortest {
        known.withLock { known in
          guard known.texts.insert(TextKey(secret)).inserted else { return }
          known.searches.append(ByteSearch(Array(secret.utf8)))
          // What has lines is a key or a document, whose words stand in others, too.
          if !secret.contains(where: \.isNewline) { known.parts.add(.secret(secret), within: .run) }
        }
      } else if length >= SecretRegistry.shortestKnown {
        short.withLock { _ = $0.insert(TextKey(secret)) }
      }
    }
  }

  /// Whether a known secret is in a text, even one so short that it may stand there by chance.
  public func areIn(_ string: String) -> Bool {
    let bytes = Array(string.utf8)[...]
    return known.withLock { $0.searches.contains { $0.firstRange(in: bytes) != nil } }
      || short.withLock { $0.contains { ByteSearch(Array($0.text.utf8)).firstRange(in: bytes) != nil } }
  }

  /// The text with every known secret in it marked as one.
  public func covering(_ string: String) -> Text { covering(Text(string)) }

  /// The same, what is marked already included.
  public func covering(_ text: Text) -> Text {
    let searches = known.withLock { $0.searches }
    guard !searches.isEmpty else { return text }
    let bytes = Array(text.string.utf8)
    var hidden: [Range<Int>] = []
    for search in searches {
      var rest = bytes[...]
      while let found = search.firstRange(in: rest) {
        hidden.append(found)
        rest = bytes[found.upperBound...]
      }
    }
    return text.hiding(hidden)
  }

  /// The same, with what a secret may have fallen into where it was taken apart.
  func coveringParts(_ text: Text) -> Text { known.withLock { $0.parts }.covering(covering(text)) }

  /// Whether a secret is in a text that `covering` would cover there.
  package func areCovered(in string: String) -> Bool {
    let searches = known.withLock { $0.searches }
    guard !searches.isEmpty else { return false }
    let bytes = Array(string.utf8)
    return searches.contains { $0.firstRange(in: bytes[...]) != nil }
  }
}

extension Text {
  /// What its secret parts are known by in what programs print: they themselves, and the lines of those that have several.
  public var knownSecrets: [String] { secrets.flatMap { [$0] + SecretLines.of($0) } }
}

/// What a secret of several lines, as a private key, is known by where a program prints it line by line.
private enum SecretLines {
  /// Shorter lines stand in too much innocent text.
  private static let shortestLine = 8
  /// A key in a document is at least this long.
  private static let shortestKey = 24

  /// Its lines without the blanks around them; none if the secret is one line.
  ///
  /// Most lines of a manifest and the like stand in other documents, too, whose values would be taken for secrets: there it
  /// is what looks like a key.
  static func of(_ secret: String) -> [String] {
    guard secret.contains(where: \.isNewline) else { return [] }
    let lines = secret.split(whereSeparator: \.isNewline).map(trimmed).filter { !$0.isEmpty }
    if isDocument(lines) { return keys(in: secret) }
    // As files end, a secret of one line may end with its line.
    if lines.count == 1 { return lines }
    // The frame of a PEM document says what it is and no more.
    return lines.filter { $0.utf8.count >= shortestLine && !$0.hasPrefix("-----") }
  }

  private static func isDocument(_ lines: [String]) -> Bool {
    guard let first = lines.first else { return false }
    return first.hasPrefix("{") || first.hasPrefix("[") || lines.contains { $0.hasPrefix("apiVersion:") }
  }

  /// Words of the alphabets of base64 with small letters, large ones and digits. The lines of a key in JSON are parted by
  /// escapes.
  private static func keys(in document: String) -> [String] {
    let words = document.replacing("\\n", with: "\n").split { character in
      !(character.isASCII && (character.isLetter || character.isNumber) || "+/=-_".contains(character))
    }
    return words.filter { word in
      word.utf8.count >= shortestKey && word.contains(where: \.isNumber) && word.contains(where: \.isUppercase)
        && word.contains(where: \.isLowercase)
    }.map(String.init)
  }

  private static func trimmed(_ line: Substring) -> String {
    let start = line.drop(while: \.isWhitespace)
    return String(start.dropLast(start.reversed().prefix(while: \.isWhitespace).count))
  }
}
