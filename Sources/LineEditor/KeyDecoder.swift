/// Makes keys of the bytes that a terminal sends. What is not whole yet waits for the next bytes.
public struct KeyDecoder: Sendable {
  private var bytes: [UInt8] = []
  private var place = 0
  /// What has come of a bracketed paste that goes on.
  private var pasted: [UInt8]?

  /// xterm: `ESC [ 201 ~` ends a bracketed paste.
  private static let pasteEnd: [UInt8] = Array("\u{1B}[201~".utf8)
  /// No key is longer.
  private static let longestSequence = 64

  public init() {}

  /// Whether an Escape waits for what may follow it.
  public var isInSequence: Bool { place < bytes.count && pasted == nil }

  /// The keys that the bytes complete.
  public mutating func decode(_ more: some Sequence<UInt8>) -> [Key] {
    bytes.append(contentsOf: more)
    var keys: [Key] = []
    while place < bytes.count {
      if pasted != nil {
        guard let text = finishPaste() else { break }
        keys.append(.paste(text))
      } else {
        let before = place
        if let key = next() { keys.append(key) }
        if place == before { break }
      }
    }
    bytes.removeFirst(place)
    place = 0
    return keys
  }

  /// The keys that are left if nothing follows: an Escape alone.
  public mutating func flush() -> [Key] {
    guard isInSequence else { return [] }
    let isEscape = bytes[place] == 0x1b
    bytes = []
    place = 0
    return isEscape ? [.escape] : []
  }

  private mutating func finishPaste() -> String? {
    var pasted = self.pasted ?? []
    self.pasted = nil
    // The mark may lie across what came before.
    let start = max(0, pasted.count - KeyDecoder.pasteEnd.count)
    pasted.append(contentsOf: bytes[place...])
    guard let mark = pasted[start...].firstRange(of: KeyDecoder.pasteEnd) else {
      place = bytes.count
      self.pasted = pasted
      return nil
    }
    place = bytes.count - (pasted.count - mark.upperBound)
    return String(decoding: pasted[..<mark.lowerBound], as: UTF8.self)
  }

  /// The next key; nil, with nothing passed, if it is not whole; nil, with something passed, if it is none.
  private mutating func next() -> Key? {
    let byte = bytes[place]
    switch byte {
    case 0x1b: return escape()
    case 0x0d, 0x0a: return pass(1, .enter)
    case 0x09: return pass(1, .tab)
    case 0x7f, 0x08: return pass(1, .backspace)
    case 0x00..<0x20:
      return pass(1, .control(Character(Unicode.Scalar(byte | (byte < 0x1b && byte > 0 ? 0x60 : 0x40)))))
    default: return text()
    }
  }

  private mutating func pass(_ count: Int, _ key: Key?) -> Key? {
    place += count
    return key
  }

  /// All printable characters up to the next key of another kind.
  private mutating func text() -> Key? {
    var end = place
    while end < bytes.count, bytes[end] >= 0x20, bytes[end] != 0x7f { end += 1 }
    // A character that is not whole stays.
    if end == bytes.count {
      var start = end - 1
      while start > place, bytes[start] & 0xc0 == 0x80, end - start < 4 { start -= 1 }
      let length = bytes[start] >= 0xf0 ? 4 : bytes[start] >= 0xe0 ? 3 : bytes[start] >= 0xc0 ? 2 : 1
      if end - start < length { end = start }
    }
    guard end > place else { return nil }
    let text = String(decoding: bytes[place..<end], as: UTF8.self)
    return pass(end - place, .text(text))
  }

  // MARK: Sequences

  private mutating func escape() -> Key? {
    guard place + 1 < bytes.count else { return nil }
    switch bytes[place + 1] {
    case UInt8(ascii: "["): return controlSequence()
    case UInt8(ascii: "O"):
      guard place + 2 < bytes.count else { return nil }
      return pass(3, KeyDecoder.cursorKey(bytes[place + 2], hasModifier: false))
    case 0x0d, 0x0a: return pass(2, .altEnter)
    case 0x7f, 0x08: return pass(2, .altBackspace)
    case 0x1b: return pass(1, .escape)
    case let byte where byte > 0x20 && byte < 0x7f: return pass(2, .alt(Character(Unicode.Scalar(byte))))
    default: return pass(1, .escape)
    }
  }

  /// ECMA-48: `ESC [`, parameters, and a byte from `@` to `~`.
  private mutating func controlSequence() -> Key? {
    var end = place + 2
    while end < bytes.count, bytes[end] < 0x40 || bytes[end] > 0x7e {
      // A key that is broken off by another is none.
      if bytes[end] < 0x20 || end - place > KeyDecoder.longestSequence { return pass(end - place, nil) }
      end += 1
    }
    guard end < bytes.count else { return nil }
    let parameters = bytes[(place + 2)..<end].split(separator: UInt8(ascii: ";")).map {
      Int(String(decoding: $0, as: UTF8.self)) ?? 0
    }
    let final = bytes[end]
    place = end + 1
    let hasModifier = parameters.count > 1 && parameters[1] > 2
    guard final == UInt8(ascii: "~") else { return KeyDecoder.cursorKey(final, hasModifier: hasModifier) }
    switch parameters.first {
    case 1, 7: return .home
    case 3: return hasModifier ? .controlDelete : .delete
    case 4, 8: return .end
    case 200:
      pasted = []
      return nil
    default: return nil
    }
  }

  private static func cursorKey(_ final: UInt8, hasModifier: Bool) -> Key? {
    switch final {
    case UInt8(ascii: "A"): .up
    case UInt8(ascii: "B"): .down
    case UInt8(ascii: "C"): hasModifier ? .wordRight : .right
    case UInt8(ascii: "D"): hasModifier ? .wordLeft : .left
    case UInt8(ascii: "H"): .home
    case UInt8(ascii: "F"): .end
    case UInt8(ascii: "Z"): .backTab
    case UInt8(ascii: "M"): .enter
    default: nil
    }
  }
}

/// What a terminal's keyboard sends, told apart.
public enum Key: Equatable, Sendable {
  /// Printable characters, as many as came at once.
  case text(String)
  /// What stood between the marks of a bracketed paste.
  case paste(String)
  case enter, tab, backTab, escape
  case backspace, delete
  case left, right, up, down, home, end, wordLeft, wordRight
  /// A letter, or one of `@[\]^_`, with the control key.
  case control(Character)
  /// A key with Alt, or after Escape.
  case alt(Character)
  case altEnter, altBackspace, controlDelete
}
