/// A text that is being edited, and where in it.
struct EditBuffer: Sendable {
  private(set) var characters: [Character] = []
  /// The place before which a character is put in.
  private(set) var cursor = 0
  private var undone: [(characters: [Character], cursor: Int)] = []
  /// Whether the last change was typing, which is taken back as a whole.
  private var isTyping = false

  private static let mostUndone = 200

  init(_ text: String = "") {
    characters = Array(text)
    cursor = characters.count
  }

  var text: String { String(characters) }
  var isEmpty: Bool { characters.isEmpty }
  var textBeforeCursor: String { String(characters[..<cursor]) }

  // MARK: Moving

  mutating func move(to place: Int) {
    cursor = min(max(place, 0), characters.count)
    isTyping = false
  }

  mutating func move(by count: Int) { move(to: cursor + count) }

  var lineStart: Int { (characters[..<cursor].lastIndex(where: \.isNewline) ?? -1) + 1 }
  var lineEnd: Int { characters[cursor...].firstIndex(where: \.isNewline) ?? characters.count }
  var isOnFirstLine: Bool { lineStart == 0 }
  var isOnLastLine: Bool { lineEnd == characters.count }

  /// Moves to the line above, or below, as far to the right as it goes.
  mutating func moveLine(up: Bool) {
    let column = cursor - lineStart
    if up {
      guard !isOnFirstLine else { return }
      cursor = lineStart - 1
    } else {
      guard !isOnLastLine else { return }
      cursor = lineEnd + 1
    }
    cursor = min(lineStart + column, lineEnd)
    isTyping = false
  }

  /// Where the word behind the cursor begins.
  var wordStart: Int {
    var place = cursor
    while place > 0, !characters[place - 1].isPartOfWord { place -= 1 }
    while place > 0, characters[place - 1].isPartOfWord { place -= 1 }
    return place
  }

  /// Where the word before the cursor ends.
  var wordEnd: Int {
    var place = cursor
    while place < characters.count, !characters[place].isPartOfWord { place += 1 }
    while place < characters.count, characters[place].isPartOfWord { place += 1 }
    return place
  }

  /// Where the text behind the cursor begins that has no white space in it.
  var blankStart: Int {
    var place = cursor
    while place > 0, characters[place - 1].isWhitespace { place -= 1 }
    while place > 0, !characters[place - 1].isWhitespace { place -= 1 }
    return place
  }

  // MARK: Changing

  /// Puts a text in. A mark that belongs to the character before joins it.
  ///
  /// - Parameter isKept: whether it can be taken back.
  mutating func insert(_ text: String, isKept: Bool = true) {
    if isKept, !isTyping { keep() }
    isTyping = isKept
    if cursor > 0, let first = text.first, "\(characters[cursor - 1])\(first)".count == 1 {
      let joined = Array(String(characters[cursor - 1]) + text)
      characters.replaceSubrange((cursor - 1)..<cursor, with: joined)
      cursor += joined.count - 1
      return
    }
    let new = Array(text)
    characters.insert(contentsOf: new, at: cursor)
    cursor += new.count
  }

  /// Takes a stretch away and gives it.
  @discardableResult
  mutating func remove(_ range: Range<Int>) -> [Character] {
    guard !range.isEmpty else { return [] }
    keep()
    isTyping = false
    let removed = Array(characters[range])
    characters.removeSubrange(range)
    cursor = cursor > range.upperBound ? cursor - range.count : min(cursor, range.lowerBound)
    return removed
  }

  mutating func replace(_ range: Range<Int>, with text: String) {
    keep()
    isTyping = false
    let new = Array(text)
    characters.replaceSubrange(range, with: new)
    cursor = range.lowerBound + new.count
  }

  mutating func replaceAll(with text: String) { replace(0..<characters.count, with: text) }

  /// Exchanges the two characters around the cursor.
  mutating func transpose() {
    guard cursor > 0, characters.count > 1 else { return }
    let right = min(cursor, characters.count - 1)
    let text = String([characters[right], characters[right - 1]])
    replace((right - 1)..<(right + 1), with: text)
  }

  private mutating func keep() {
    undone.append((characters, cursor))
    if undone.count > EditBuffer.mostUndone { undone.removeFirst(EditBuffer.mostUndone / 2) }
  }

  mutating func undo() -> Bool {
    guard let last = undone.popLast() else { return false }
    (characters, cursor) = last
    isTyping = false
    return true
  }
}

extension Character {
  fileprivate var isPartOfWord: Bool { isLetter || isNumber || self == "_" }
}
