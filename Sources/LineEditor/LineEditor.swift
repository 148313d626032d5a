import Lexer

/// Reads text from somebody at a terminal: edits it, goes through what was entered before, completes it.
public final class LineEditor {
  public enum Input: Equatable, Sendable {
    /// Entered with Enter.
    case entered(String)
    /// Came faster than anybody types, or in a paste: whole lines, and perhaps the beginning of one.
    case pasted(String)
    /// Ctrl-C.
    case interrupted
    /// Ctrl-D with nothing there, or nobody is there any more.
    case end
  }

  /// What stands before the first line, and before the others.
  public let prompt: String
  public let continuation: String
  /// Whether a text goes on below its last line.
  public var isUnfinished: (String) -> Bool = { _ in false }
  /// What may stand at the cursor: gets the text before it.
  public var complete: (_ before: String) -> Completions = { _ in Completions() }
  /// Whether the program was told to end while it waits.
  public var hasToEnd: () -> Bool = { false }

  private let mode: TerminalMode
  private let port = TerminalPort()
  private var decoder = KeyDecoder()
  /// Keys that have come and are not handled yet.
  private var keys: ArraySlice<Key> = []
  private var editor: Editor
  private var screen = Screen()
  private var columns = 80
  /// The candidates that are listed below the text.
  private var listed: Completions?
  /// Whether lines come faster than anybody types.
  private var isBurst = false

  /// After an Escape the rest of a key comes at once.
  private static let sequencePause: Int32 = 50
  /// In a paste without marks the next bytes come within this.
  private static let burstPause: Int32 = 15
  private static let mostListed = 20

  /// - Returns: nil if standard input is no terminal.
  public init?(prompt: String, continuation: String) {
    guard let mode = TerminalMode() else { return nil }
    self.mode = mode
    self.prompt = prompt
    self.continuation = continuation
    editor = Editor()
  }

  public var history: History {
    get { editor.history }
    set { editor.history = newValue }
  }

  /// Reads an input.
  ///
  /// - Parameter text: what is there already.
  public func read(_ text: String = "") -> Input {
    editor.begin(text)
    listed = nil
    isBurst = false
    mode.set(.editing)
    // xterm: pastes come between marks.
    port.write("\u{1B}[?2004h")
    columns = port.size.columns
    if keys.isEmpty { draw() }
    let input = readKeys()
    port.write("\u{1B}[?2004l")
    mode.set(.running)
    return input
  }

  /// Shows a text as if it had been typed.
  public func echo(_ text: String) {
    let lines = text.fitForTerminal.split(separator: "\n", omittingEmptySubsequences: false)
    port.write(prompt + lines.joined(separator: "\n" + continuation) + "\n")
  }

  /// Whether Ctrl-C has come behind what was read last. It is a key if it was pressed while lines were edited; later it is
  /// a signal.
  public func hasInterruptWaiting() -> Bool {
    if case .bytes(let bytes) = port.read(within: 0) { keys += decoder.decode(bytes) }
    return keys.contains(.control("c"))
  }

  /// What was typed or pasted and not looked at yet is of no use any more, nor what comes of it until nothing does for a
  /// moment.
  public func dropKeys() {
    // From here on Ctrl-C is a key like others: more of them than one are meant for what has just ended.
    mode.set(.editing)
    while case .bytes(let bytes) = port.read(within: LineEditor.burstPause), !hasToEnd() { _ = decoder.decode(bytes) }
    keys = []
  }

  /// Leaves the terminal as it was.
  public func close() { TerminalMode.restore() }

  // MARK: Keys

  private func readKeys() -> Input {
    while true {
      while let key = keys.popFirst() {
        if let input = handle(key) { return input }
      }
      if isBurst, !hasMore(within: LineEditor.burstPause) { return endBurst() }
      if keys.isEmpty { draw() }
      if keys.isEmpty, !wait() {
        leaveScreen()
        return .end
      }
    }
  }

  /// Waits for keys; false if none will come.
  private func wait() -> Bool {
    switch port.read(within: decoder.isInSequence ? LineEditor.sequencePause : nil) {
    case .bytes(let bytes): keys += decoder.decode(bytes)
    case .nothing: keys += decoder.flush()
    case .end: return false
    case .signal: break
    }
    if hasToEnd() { return false }
    if mode.isToStop { suspend() }
    if mode.wasContinued {
      mode.set(.editing)
      screen.forget()
      port.write("\u{1B}[?2004h\r")
    }
    if mode.hasResized {
      columns = port.size.columns
      screen.resize(columns: columns)
    }
    return true
  }

  /// Whether more keys have come, or come soon.
  private func hasMore(within milliseconds: Int32) -> Bool {
    if !keys.isEmpty { return true }
    if case .bytes(let bytes) = port.read(within: milliseconds) { keys += decoder.decode(bytes) }
    return !keys.isEmpty
  }

  /// Gives an input if the key ends one.
  private func handle(_ key: Key) -> Input? {
    let wasListed = listed != nil
    listed = nil
    switch key {
    case .text, .tab, .enter, .paste: break
    default:
      if isBurst {
        keys = [key] + keys
        return endBurst()
      }
    }
    if isBurst, case .text(let text) = key {
      editor.buffer.insert(text, isKept: false)
      return nil
    }
    if case .paste(let text) = key {
      let text = text.withSimpleLineEnds
      guard text.contains("\n") else {
        _ = editor.handle(.paste(text))
        return nil
      }
      editor.buffer.insert(text, isKept: false)
      return endBurst()
    }
    if key == .tab, isBurst || !editor.buffer.isEmpty && hasMore(within: 0) {
      editor.buffer.insert("\t", isKept: !isBurst)
      return nil
    }
    if key == .enter, editor.search == nil, hasMore(within: isBurst ? LineEditor.burstPause : 0) {
      if !isBurst { editor.buffer.move(to: editor.buffer.characters.count) }
      isBurst = true
      editor.buffer.insert("\n", isKept: false)
      return nil
    }
    if isBurst {
      editor.buffer.insert("\n", isKept: false)
      return endBurst()
    }
    return act(editor.handle(key), wasListed: wasListed)
  }

  private func endBurst() -> Input {
    isBurst = false
    port.write(screen.erase())
    return .pasted(editor.text)
  }

  private func act(_ action: Editor.Action, wasListed: Bool) -> Input? {
    switch action {
    case .none: break
    case .bell: port.write("\u{7}")
    case .enter:
      guard isUnfinished(editor.text) else {
        editor.buffer.move(to: editor.buffer.characters.count)
        leaveScreen()
        return .entered(editor.text)
      }
      editor.buffer.insert("\n" + indentation)
    case .interrupt:
      editor.buffer.move(to: editor.buffer.characters.count)
      leaveScreen()
      return .interrupted
    case .leave:
      leaveScreen()
      return .end
    case .complete: completeWord(isAgain: wasListed)
    case .suspend: suspend()
    case .clearScreen:
      screen.forget()
      port.write("\u{1B}[H\u{1B}[2J")
    }
    return nil
  }

  /// The blanks that begin a line below the cursor: those of its line, and two more in a new bracket.
  private var indentation: String {
    let before = editor.buffer.characters[editor.buffer.lineStart..<editor.buffer.cursor]
    let blanks = String(before.prefix { $0 == " " })
    guard let last = before.last(where: { $0 != " " }), "{[(".contains(last) else { return blanks }
    return blanks + "  "
  }

  private func suspend() {
    leaveScreen()
    port.write("\u{1B}[?2004l")
    mode.stop()
    mode.set(.editing)
    port.write("\u{1B}[?2004h")
    columns = port.size.columns
  }

  // MARK: Completion

  private func completeWord(isAgain: Bool) {
    let buffer = editor.buffer
    let found = complete(buffer.textBeforeCursor)
    guard !found.candidates.isEmpty else { return port.write("\u{7}") }
    let word = max(0, buffer.cursor - found.length)..<buffer.cursor
    let prefix = found.commonPrefix
    if prefix != String(buffer.characters[word]), found.candidates.count == 1 || prefix.count > word.count {
      editor.buffer.replace(word, with: prefix)
    }
    if found.candidates.count > 1 { listed = found }
  }

  // MARK: The screen

  private func draw() {
    let size = port.size
    if size.columns != columns {
      columns = size.columns
      screen.resize(columns: columns)
    }
    let buffer = editor.buffer
    var lead = prompt
    if let search = editor.search {
      lead = "\(search.hasFailed ? "no match" : "search") `\(search.query)`: "
    }
    // The last column stays free: terminals differ in what they do behind it.
    var layout = ScreenLayout(
      prompt: lead, continuation: continuation, buffer.characters, cursor: buffer.cursor, width: columns - 1)
    if let listed {
      let room = max(1, min(LineEditor.mostListed, size.rows - layout.rows.count - 1))
      layout.add(below: listed.rows(width: columns - 1, most: room))
    }
    port.write(screen.draw(layout, terminalRows: size.rows))
  }

  /// Shows the text as it will stay, and goes below it.
  private func leaveScreen() {
    listed = nil
    draw()
    port.write(screen.leave())
  }
}
