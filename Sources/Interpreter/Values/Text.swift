/// Text that knows which of its parts are secret.
public struct Text: Sendable, Hashable, ExpressibleByStringInterpolation {
  /// The whole text, secrets included: for the program that needs it, never for a person.
  public private(set) var string: String
  /// The stretches that must not be seen, as offsets of UTF-8 bytes, in order and apart from each other.
  public private(set) var hidden: [Range<Int>]
  /// In a plan: some part of it is only known during a run, and stands in for what it will be.
  public internal(set) var isKnownLater = false

  public init(_ string: String, hidden: [Range<Int>] = []) {
    self.string = string
    self.hidden = hidden
  }

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

  public var isSecret: Bool { !hidden.isEmpty }

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
}

extension Text {
  public static func == (a: Text, b: Text) -> Bool {
    a.string.isExactly(b.string) && a.hidden == b.hidden && a.isKnownLater == b.isKnownLater
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(TextKey(string)) }
}

/// Whoever writes the text out by accident shows no secret.
extension Text: CustomStringConvertible, CustomDebugStringConvertible {
  public var description: String { masked }
  public var debugDescription: String { masked }
}

extension Text {
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
}
