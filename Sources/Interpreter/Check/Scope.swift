import Lexer

/// What a name means at a place of the program.
struct Binding {
  /// How the name came to be bound.
  enum Role: UInt8, Sendable {
    /// Given by the language or the host: it has no place in a file.
    case given
    case constant, variable
    /// A constant that holds what a command gives: as a statement the command would show it.
    case silenced
    /// A constant that holds an outcome.
    case outcome
    case recipeParameter, taskParameter, functionParameter, element, error
    /// Brought in by `use`.
    case imported
  }

  let slot: Int
  let role: Role
  let type: ValueType
  let span: Span
  /// How many parallel boundaries surround the place where it was bound.
  let lanes: Int
  /// Whether it was bound by a task, not by the file's own statements.
  let isOfTask: Bool
  var isRead = false
  var isChanged = false

  var isVar: Bool { role == .variable }
  var isGiven: Bool { role == .given }
}

/// The names in scope while a file is resolved. There is no hiding, so that a name means one thing at a time and a
/// table by symbol is all that is needed.
struct Scope {
  /// A name that was bound and is not, or not any more, in scope, though nobody has read it or changed it.
  typealias Neglected = (symbol: Symbol, binding: Binding)

  var bindings: [Binding?]
  /// What the open blocks have bound, in order, and how much of it was bound where each began.
  private var bound: [Symbol] = []
  private var blocks: [Int] = []
  /// What the names hold that hold what a command gives, or a part of it.
  var shapes: [Symbol: Shape] = [:]
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

  /// Forgets the names of the innermost block.
  mutating func close() -> [Neglected] { forget(from: blocks.removeLast()) }

  /// Forgets the names of the file's own statements.
  mutating func closeFile() -> [Neglected] { forget(from: 0) }

  private mutating func forget(from start: Int) -> [Neglected] {
    var neglected: [Neglected] = []
    while bound.count > start {
      let symbol = bound.removeLast()
      let place = Int(symbol.index)
      if let binding = bindings[place], !binding.isRead || (binding.isVar && !binding.isChanged) {
        neglected.append((symbol, binding))
      }
      bindings[place] = nil
    }
    return neglected
  }

  /// Binds a name and gives its place in the frame.
  mutating func bind(_ symbol: Symbol, _ span: Span, as role: Binding.Role, _ type: ValueType) -> Int {
    let slot = frameSize
    frameSize += 1
    if !shapes.isEmpty { shapes[symbol] = nil }
    guard Int(symbol.index) < bindings.count else { return slot }
    bindings[Int(symbol.index)] = Binding(
      slot: slot, role: role, type: type, span: span, lanes: lanes, isOfTask: isInTask)
    bound.append(symbol)
    return slot
  }

  mutating func noteRead(_ symbol: Symbol) { bindings[Int(symbol.index)]?.isRead = true }
  mutating func noteChange(_ symbol: Symbol) { bindings[Int(symbol.index)]?.isChanged = true }

  /// Takes back that a name was read: it was only for a new value of its own.
  mutating func forgetRead(_ symbol: Symbol) { bindings[Int(symbol.index)]?.isRead = false }

  /// Enters the body of a task: all names of the file's own statements are seen from it, but it has a frame of its own.
  mutating func openTask() {
    isInTask = true
    frameSize = 0
    lanes = 0
    open()
  }

  mutating func closeTask() -> [Neglected] {
    isInTask = false
    return close()
  }
}
