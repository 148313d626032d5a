import Lexer
import Machine

/// Text that knows which of its parts are secret.
public struct Text: Sendable, Hashable, ExpressibleByStringInterpolation {
  /// The whole text, secrets included: for the program that needs it, never for a person.
  public private(set) var string: String
  /// The stretches that must not be seen, as offsets of UTF-8 bytes, in order and apart from each other.
  public private(set) var hidden: [Range<Int>]
  /// In a plan: some part of it is only known during a run, and stands in for what it will be.
  public internal(set) var isKnownLater = false

  /// A text with secrets at the places in UTF-8 that `hidden` names; without them, one that may be shown.
  public init(_ string: String, hidden: [Range<Int>] = []) {
    self.string = string
    self.hidden = hidden
  }

  /// A text that may be shown.
  public init(stringLiteral value: String) { self.init(value) }

  /// In a plan, what stands for text that is only known during a run.
  public static let knownLater: Text = {
    var text = Text("‹known later›")
    text.isKnownLater = true
    return text
  }()

  /// Text that is secret from its first letter to its last.
  public static func secret(_ string: String) -> Text {
    Text(string, hidden: string.isEmpty ? [] : [0..<string.utf8.count])
  }

  /// Whether any part of it is secret.
  public var isSecret: Bool { !hidden.isEmpty }

  /// Adds the other behind it; what is secret in either stays so.
  public mutating func append(_ other: Text) {
    if other.isKnownLater { isKnownLater = true }
    if !other.hidden.isEmpty {
      let offset = string.utf8.count
      for range in other.hidden {
        let moved = (range.lowerBound + offset)..<(range.upperBound + offset)
        if let last = hidden.last, last.upperBound == moved.lowerBound {
          hidden[hidden.count - 1] = last.lowerBound..<moved.upperBound
        } else {
          hidden.append(moved)
        }
      }
    }
    string += other.string
  }

  /// Adds what may be shown.
  public mutating func append(_ other: String) { string += other }

  /// The text with `•••` in place of every secret part: what people and logs get to see.
  public var masked: String {
    guard !hidden.isEmpty else { return string }
    let bytes = Array(string.utf8)
    var shown: [UInt8] = []
    var position = 0
    for range in hidden {
      shown += bytes[position..<max(position, range.lowerBound)]
      shown += Array("•••".utf8)
      position = range.upperBound
    }
    shown += bytes[min(position, bytes.count)...]
    return String(decoding: shown, as: UTF8.self)
  }

  /// The secret parts themselves, to cover them in the output of programs.
  public var secrets: [String] {
    let bytes = Array(string.utf8)
    return hidden.map { String(decoding: bytes[$0], as: UTF8.self) }
  }

  /// Alike in letters, in what is secret of them, and in whether they are known.
  public static func == (a: Text, b: Text) -> Bool {
    a.string.isExactly(b.string) && a.hidden == b.hidden && a.isKnownLater == b.isKnownLater
  }

  /// By its letters.
  public func hash(into hasher: inout Hasher) { hasher.combine(TextKey(string)) }
}

/// Whoever writes the text out by accident shows no secret.
extension Text: CustomStringConvertible, CustomDebugStringConvertible {
  /// With `•••` for what is secret.
  public var description: String { masked }
  /// As `description`.
  public var debugDescription: String { masked }

  /// A part of the text, by offsets of UTF-8 bytes, secrecy kept.
  public func slice(_ range: Range<Int>) -> Text {
    let utf8 = string.utf8
    let range = range.clamped(to: 0..<utf8.count)
    let part = utf8.dropFirst(range.lowerBound).prefix(range.count)
    let hidden = hidden[firstHidden(endingBehind: range.lowerBound)...].prefix { $0.lowerBound < range.upperBound }
      .compactMap { stretch -> Range<Int>? in
        let common = stretch.clamped(to: range)
        return common.isEmpty ? nil : (common.lowerBound - range.lowerBound)..<(common.upperBound - range.lowerBound)
      }
    var text = Text(String(decoding: part, as: UTF8.self), hidden: hidden)
    text.isKnownLater = isKnownLater
    return text
  }

  /// The first hidden stretch that reaches behind a place: there may be as many as there are lines.
  private func firstHidden(endingBehind place: Int) -> Int {
    var (low, high) = (0, hidden.count)
    while low < high {
      let middle = (low + high) / 2
      if hidden[middle].upperBound > place { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// The same secrecy for a text made from this one in a way that loses the places: all of it is secret if any was.
  public func derived(_ string: String) -> Text { isSecret ? .secret(string) : Text(string) }

  /// The text's lines, without their ends.
  package var lines: [Text] {
    var lines: [Text] = []
    let budget = Budget.ofThread
    var start = 0
    let bytes = Array(string.utf8)
    while let index = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      let end = index > start && bytes[index - 1] == UInt8(ascii: "\r") ? index - 1 : index
      lines.append(slice(start..<end))
      start = index + 1
      // What is cut short here is thrown away by whoever has asked within limits.
      if lines.count > Value.mostElements || !budget.allows(8) { return lines }
    }
    if start < bytes.count { lines.append(slice(start..<bytes.count)) }
    return lines
  }

  /// Its lines as a value.
  func boundedLines() throws(ValueProblem) -> Value {
    let lines = lines
    try Budget.ofThread.spend(lines.count)
    return try Value.bounded(lines.map { Value($0) })
  }

  /// The value that the text is the JSON of. If the text is secret, so is every text within.
  func parsedJSON(what: String) throws(ValueProblem) -> Value {
    do throws(JSONProblem) {
      let value = try Value.json(Array(string.utf8))
      return isSecret ? value.withSecretLeaves : value
    } catch {
      // What was read of it does not matter if the time is over.
      try Budget.ofThread.spend()
      throw .missing("\(what) is no JSON: \(error.message) (byte \(error.offset))")
    }
  }
}

extension Value {
  /// The same value with every text and every number within made secret: a secret is no number.
  public var withSecretLeaves: Value {
    switch self {
    case .string, .int, .float: Value(.secret(asText?.string ?? ""))
    case .list(let elements): .list(elements.map(\.withSecretLeaves))
    case .map(let map): .map(ValueMap(map.map { ($0.0, $0.1.withSecretLeaves) }))
    default: self
    }
  }
}

extension Text {
  /// The words of a command as one line, for people: as a shell would take them, secrets masked, and of a word that nobody
  /// reads to its end the middle left out.
  public init(words: [Text]) {
    self.init("")
    for (index, word) in words.enumerated() {
      if index > 0 { append(" ") }
      let named =
        word.isKnownLater || index == 0
        ? nil : EvidentSecrets.range(inWord: word.string, behind: words[index - 1].string)
      append(word.hiding(named.map { [$0] } ?? []).inShell.excerpt(upTo: Text.longestWord))
      isKnownLater = isKnownLater || word.isKnownLater
    }
  }

  private static let longestWord = 400

  /// The word as a shell reads it, secrets masked.
  package var inShell: String {
    // What stands for a value has blanks, but the value may have none.
    let known = isKnownLater ? string.replacing(Text.knownLater.string, with: "x") : string
    let shown = masked
    return known.isOneShellWord && !known.isEmpty ? shown : shown.inQuotesOfShell
  }
}

extension String {
  /// As a shell reads it as one word.
  public var inShell: String { isOneShellWord && !isEmpty ? self : inQuotesOfShell }

  /// Whether nothing in it means something to a shell; what is beyond ASCII never does.
  fileprivate var isOneShellWord: Bool {
    let plain = "-_./:=@%+,".utf8
    return utf8.allSatisfy {
      $0 >= 0x80 || ($0 | 0x20) >= 97 && ($0 | 0x20) <= 122 || $0 >= 48 && $0 <= 57 || plain.contains($0)
    }
  }

  fileprivate var inQuotesOfShell: String { "'\(replacing("'", with: "'\\''"))'" }

  /// Whether both are the same code points. Swift's own `==` takes `é` and an `e` with an accent behind it for the same;
  /// files, programs and servers tell them apart, and so one of them would be lost.
  package func isExactly(_ other: String) -> Bool {
    let count = utf8.count
    guard count == other.utf8.count else { return false }
    let isSame = utf8.withContiguousStorageIfAvailable { mine in
      other.utf8.withContiguousStorageIfAvailable { theirs in
        guard let mine = mine.baseAddress, let theirs = theirs.baseAddress else { return count == 0 }
        return memcmp(mine, theirs, count) == 0
      }
    }
    if let isSame, let isSame { return isSame }
    return utf8.elementsEqual(other.utf8)
  }
}

/// A text as what others are found by: the same as another if `isExactly` says so.
package struct TextKey: Hashable, Sendable {
  package let text: String

  package init(_ text: String) { self.text = text }

  package static func == (a: TextKey, b: TextKey) -> Bool { a.text.isExactly(b.text) }

  package func hash(into hasher: inout Hasher) {
    let isDone: Void? = text.utf8.withContiguousStorageIfAvailable {
      hasher.combine(bytes: UnsafeRawBufferPointer($0))
    }
    if isDone == nil { Array(text.utf8).withUnsafeBytes { hasher.combine(bytes: $0) } }
    // So that two texts in a row are not the same as two others with the border elsewhere.
    hasher.combine(UInt8.max)
  }
}
