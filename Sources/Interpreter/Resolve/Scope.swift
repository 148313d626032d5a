import Lexer

/// What a name means at a place of the program.
struct Binding {
  let slot: Int
  let isVar: Bool
  /// Given by the language or the host: it has no place in a file.
  let isGiven: Bool
  let span: Span
  /// How many parallel boundaries surround the place where it was bound.
  let lanes: Int
  /// Whether it was bound by a task, not by the file's own statements.
  let isOfTask: Bool
}

/// The names in scope while a file is resolved. There is no hiding, so that a name means one thing at a time and a
/// table by symbol is all that is needed.
struct Scope {
  var bindings: [Binding?]
  /// What the open blocks have bound, in order, and how much of it was bound where each began.
  private var bound: [Symbol] = []
  private var blocks: [Int] = []
  var frameSize = 0
  var lanes = 0
  private var isInTask = false

  init(names: Int) { bindings = Array(repeating: nil, count: names) }

  subscript(symbol: Symbol) -> Binding? {
    symbol.index >= 0 && Int(symbol.index) < bindings.count ? bindings[Int(symbol.index)] : nil
  }

  /// All names in scope, for suggestions.
  var symbols: [Symbol] { bindings.indices.filter { bindings[$0] != nil }.map { Symbol(index: Int32($0)) } }

  /// Whether a name was bound by the file's own statements, and is seen from one of its tasks.
  func isOutside(_ binding: Binding) -> Bool { isInTask && !binding.isOfTask }

  /// Whether a name bound here belongs to the file's own statements, outside of all blocks.
  var isAtTopLevel: Bool { blocks.isEmpty && !isInTask }

  mutating func open() { blocks.append(bound.count) }

  mutating func close() {
    let start = blocks.removeLast()
    while bound.count > start { bindings[Int(bound.removeLast().index)] = nil }
  }

  /// Binds a name and gives its place in the frame.
  mutating func bind(_ symbol: Symbol, _ span: Span, isVar: Bool = false, isGiven: Bool = false) -> Int {
    let slot = frameSize
    frameSize += 1
    guard Int(symbol.index) < bindings.count else { return slot }
    bindings[Int(symbol.index)] = Binding(
      slot: slot, isVar: isVar, isGiven: isGiven, span: span, lanes: lanes, isOfTask: isInTask)
    bound.append(symbol)
    return slot
  }

  /// Enters the body of a task: all names of the file's own statements are seen from it, but it has a frame of its own.
  mutating func openTask() {
    isInTask = true
    frameSize = 0
    lanes = 0
    open()
  }

  mutating func closeTask() {
    close()
    isInTask = false
  }
}
