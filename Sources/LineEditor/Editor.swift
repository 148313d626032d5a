import Lexer

/// The editing of one input, as plain data: keys go in, and out come the text, the place in it, and what is to be done.
public struct Editor: Sendable {
  /// What a key asks for, beyond a change of the text.
  public enum Action: Equatable, Sendable {
    case none
    /// Enter: the text may be ready.
    case enter
    case interrupt
    /// Ctrl-D with nothing there.
    case leave
    case complete
    case suspend
    case clearScreen
    /// The key has no meaning here.
    case bell
  }

  /// A search in the history.
  struct Search: Sendable {
    var query = ""
    /// The entry that is shown.
    var place: Int
    var hasFailed = false
    /// What was there before.
    let former: String
    let formerCursor: Int
  }

  var buffer: EditBuffer
  var history: History
  private(set) var search: Search?
  private var killed: [Character] = []
  /// Where in the history the text comes from, while it is gone through.
  private var walk: (place: Int, prefix: String, draft: String)?
  private var wasKill = false

  public init(_ text: String = "", history: History = History()) {
    buffer = EditBuffer(text)
    self.history = history
  }

  public var text: String { buffer.text }
  public var cursor: Int { buffer.cursor }

  /// Begins with another text.
  mutating func begin(_ text: String) {
    buffer = EditBuffer(text)
    search = nil
    walk = nil
    wasKill = false
  }

  /// Takes a key.
  public mutating func handle(_ key: Key) -> Action {
    if search != nil, let action = handleInSearch(key) { return action }
    let isWalking = key == .up || key == .down || key == .control("p") || key == .control("n")
    if !isWalking { walk = nil }
    let isKill = wasKill
    wasKill = false
    switch key {
    case .text(let text):
      if ["}", "]", ")"].contains(text) { outdent() }
      buffer.insert(text)
    case .paste(let text): buffer.insert(text.withSimpleLineEnds)
    case .enter: return .enter
    case .altEnter: buffer.insert("\n")
    case .tab: return .complete
    case .backTab, .escape: return .bell
    case .up, .control("p"): return goBack()
    case .down, .control("n"): return goForward()
    case .control("c"): return .interrupt
    case .control("z"): return .suspend
    case .control("l"): return .clearScreen
    case .control("r"), .control("s"): startSearch()
    case .control("d") where buffer.isEmpty: return .leave
    case .control("_"), .control("^"): return buffer.undo() ? .none : .bell
    default:
      if move(key) { return .none }
      return change(key, isKillAgain: isKill) ? .none : .bell
    }
    return .none
  }

  /// A closing bracket that begins a line stands two blanks to the left of what is in it.
  private mutating func outdent() {
    let blanks = buffer.characters[buffer.lineStart..<buffer.cursor]
    if blanks.count >= 2, blanks.allSatisfy({ $0 == " " }) { buffer.remove((buffer.cursor - 2)..<buffer.cursor) }
  }

  private mutating func move(_ key: Key) -> Bool {
    switch key {
    case .left, .control("b"): buffer.move(by: -1)
    case .right, .control("f"): buffer.move(by: 1)
    case .home, .control("a"): buffer.move(to: buffer.lineStart)
    case .end, .control("e"): buffer.move(to: buffer.lineEnd)
    case .wordLeft, .alt("b"): buffer.move(to: buffer.wordStart)
    case .wordRight, .alt("f"): buffer.move(to: buffer.wordEnd)
    case .alt("<"): buffer.move(to: 0)
    case .alt(">"): buffer.move(to: buffer.characters.count)
    default: return false
    }
    return true
  }

  private mutating func change(_ key: Key, isKillAgain: Bool) -> Bool {
    let place = buffer.cursor
    switch key {
    case .backspace: buffer.remove(max(0, place - 1)..<place)
    case .delete, .control("d"): buffer.remove(place..<min(place + 1, buffer.characters.count))
    case .control("k"):
      // At a line's end it takes the line's end.
      let end = buffer.lineEnd
      kill(place..<(end == place ? min(end + 1, buffer.characters.count) : end), isKillAgain, isBackwards: false)
    case .control("u"): kill(buffer.lineStart..<place, isKillAgain, isBackwards: true)
    case .control("w"): kill(buffer.blankStart..<place, isKillAgain, isBackwards: true)
    case .altBackspace: kill(buffer.wordStart..<place, isKillAgain, isBackwards: true)
    case .alt("d"), .controlDelete: kill(place..<buffer.wordEnd, isKillAgain, isBackwards: false)
    case .control("y"): buffer.insert(String(killed))
    case .control("t"): buffer.transpose()
    default: return false
    }
    return true
  }

  /// Takes a stretch away for Ctrl-Y; what is taken right after it joins it.
  private mutating func kill(_ range: Range<Int>, _ isAgain: Bool, isBackwards: Bool) {
    let taken = buffer.remove(range)
    wasKill = true
    guard isAgain else {
      if !taken.isEmpty { killed = taken }
      return
    }
    killed = isBackwards ? taken + killed : killed + taken
  }

  // MARK: History

  private mutating func goBack() -> Action {
    if walk == nil, !buffer.isOnFirstLine {
      buffer.moveLine(up: true)
      return .none
    }
    let from = walk ?? (history.entries.count, buffer.textBeforeCursor, buffer.text)
    let shown = buffer.text
    let found = history.place(from: from.place, back: true) { $0.hasPrefix(from.prefix) && $0 != shown }
    guard let found else { return .bell }
    walk = (found, from.prefix, from.draft)
    buffer.replaceAll(with: history.entries[found])
    return .none
  }

  private mutating func goForward() -> Action {
    guard let from = walk else {
      if buffer.isOnLastLine { return .bell }
      buffer.moveLine(up: false)
      return .none
    }
    let shown = buffer.text
    if let found = history.place(from: from.place, back: false, where: { $0.hasPrefix(from.prefix) && $0 != shown }) {
      walk?.place = found
      buffer.replaceAll(with: history.entries[found])
    } else {
      walk = nil
      buffer.replaceAll(with: from.draft)
    }
    return .none
  }

  // MARK: Search

  private mutating func startSearch() {
    search = Search(place: history.entries.count, former: buffer.text, formerCursor: buffer.cursor)
  }

  /// Nil if the key ends the search and means what it means.
  private mutating func handleInSearch(_ key: Key) -> Action? {
    switch key {
    case .text(let text):
      search?.query += text
      look(back: true, includingThis: true)
    case .backspace:
      if search?.query.isEmpty == false { search?.query.removeLast() }
      search?.place = history.entries.count
      look(back: true, includingThis: false)
    case .control("r"): look(back: true, includingThis: false)
    case .control("s"): look(back: false, includingThis: false)
    case .escape, .control("g"), .control("c"):
      if let search {
        buffer.replaceAll(with: search.former)
        buffer.move(to: search.formerCursor)
      }
      search = nil
    default:
      search = nil
      return nil
    }
    return Action.none
  }

  private mutating func look(back: Bool, includingThis: Bool) {
    guard let search, !search.query.isEmpty else { return }
    let start = includingThis && search.place < history.entries.count ? search.place + 1 : search.place
    let shown = includingThis ? nil : buffer.text
    guard
      let found = history.place(
        from: start, back: back, where: { $0 != shown && $0.firstPlace(of: search.query) != nil })
    else {
      self.search?.hasFailed = true
      return
    }
    self.search?.place = found
    self.search?.hasFailed = false
    buffer.replaceAll(with: history.entries[found])
    buffer.move(to: history.entries[found].firstPlace(of: search.query) ?? 0)
  }
}

extension String {
  /// With line feeds alone.
  var withSimpleLineEnds: String {
    guard utf8.contains(UInt8(ascii: "\r")) else { return self }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(utf8.count)
    var last: UInt8 = 0
    for byte in utf8 {
      if byte == UInt8(ascii: "\r") {
        bytes.append(UInt8(ascii: "\n"))
      } else if byte != UInt8(ascii: "\n") || last != UInt8(ascii: "\r") {
        bytes.append(byte)
      }
      last = byte
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// How many characters stand before a part of the text; nil if it has no such part. Large and small letters are one.
  func firstPlace(of part: String) -> Int? {
    let own = Array(lowercased().utf8)
    guard let range = own.firstRange(of: Array(part.lowercased().utf8)) else { return nil }
    return String(decoding: own[..<range.lowerBound], as: UTF8.self).count
  }
}

/// What may stand at a place of the text.
public struct Completions: Sendable {
  public struct Candidate: Sendable {
    /// What it puts in.
    public let text: String
    /// How the list shows it.
    public let label: String

    public init(_ text: String, label: String? = nil) {
      self.text = text
      self.label = label ?? text
    }
  }

  /// How many characters before the cursor it takes the place of.
  public let length: Int
  public let candidates: [Candidate]

  public init(replacing length: Int = 0, _ candidates: [Candidate] = []) {
    self.length = length
    self.candidates = candidates
  }

  /// What all candidates begin with.
  var commonPrefix: String {
    guard var prefix = candidates.first?.text else { return "" }
    for candidate in candidates.dropFirst() {
      while !candidate.text.hasPrefix(prefix) { prefix.removeLast() }
    }
    return prefix
  }

  /// The labels in columns, those of a column below each other.
  ///
  /// - Parameter most: how many rows there may be.
  func rows(width: Int, most: Int) -> [String] {
    let labels = candidates.map { $0.label.truncated(to: max(2, width)) }
    let widest = labels.map { displayWidth($0) }.max() ?? 0
    let columns = max(1, (width + 2) / (widest + 2))
    let needed = (labels.count + columns - 1) / columns
    let isCut = needed > most
    let height = isCut ? max(1, most - 1) : needed
    var rows = (0..<height).map { row in
      (0..<columns).compactMap { column -> String? in
        let place = column * height + row
        return place < labels.count ? labels[place].padded(to: widest) : nil
      }.joined(separator: "  ")
    }
    let shown = height * columns
    if isCut, labels.count > shown { rows.append("… \(labels.count - shown) more") }
    return rows
  }
}
