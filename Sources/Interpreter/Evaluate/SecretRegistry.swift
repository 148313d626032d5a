import Synchronization

/// The secrets that a run has met, to cover them in what programs print.
public final class SecretRegistry: Sendable {
  private struct Known {
    var texts: Set<TextKey> = []
    var searches: [ByteSearch] = []
  }

  private let known = Mutex(Known())
  /// Too short to be covered, long enough to be known.
  private let short = Mutex<Set<TextKey>>([])

  /// Shorter secrets stand in too much innocent text.
  private static let shortest = 8
  /// Shorter ones are not looked for where caution costs little, either.
  private static let shortestKnown = 3

  public init() {}

  /// Remembers the secret parts of a text, and their lines.
  public func add(_ text: Text) {
    for secret in text.knownSecrets {
      let length = secret.utf8.count
      if length >= SecretRegistry.shortest {
        known.withLock { known in
          if known.texts.insert(TextKey(secret)).inserted { known.searches.append(ByteSearch(Array(secret.utf8))) }
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
    let string = text.string
    let bytes = Array(string.utf8)
    var hidden: [Range<Int>] = []
    for search in searches {
      var rest = bytes[...]
      while let found = search.firstRange(in: rest) {
        hidden.append(found)
        rest = bytes[found.upperBound...]
      }
    }
    guard !hidden.isEmpty else { return text }
    hidden += text.hidden
    hidden.sort { $0.lowerBound < $1.lowerBound }
    var joined: [Range<Int>] = []
    for range in hidden {
      if let last = joined.last, range.lowerBound <= last.upperBound {
        joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        joined.append(range)
      }
    }
    var covered = Text(string, hidden: joined)
    covered.isKnownLater = text.isKnownLater
    return covered
  }

  /// Whether a secret is in a text that `covering` would cover there.
  func areCovered(in string: String) -> Bool {
    let searches = known.withLock { $0.searches }
    guard !searches.isEmpty else { return false }
    let bytes = Array(string.utf8)
    return searches.contains { $0.firstRange(in: bytes[...]) != nil }
  }
}
