import Lexer

/// The words that have a meaning of their own in every recipe of a host: its commands and the language's functions.
public struct Vocabulary: Sendable {
  let commands: [String: any Command]
  /// The commands by their names, in the order of their symbols.
  public let allCommands: [any Command]
  let commandNames: [String]
  let constants: [HostConstant]
  /// A table of names that begins with the keywords, then the commands, then the functions.
  let names: NameTable
  private let firstCommand: Int32
  private let firstFunction: Int32
  private let firstFree: Int32

  /// The language's words, with the commands and constants of a host.
  public init(host: any Host) {
    var names = NameTable()
    // A keyword always means itself.
    commands = Dictionary(
      host.commands.filter { names.find($0.name) == nil }.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }
    )
    allCommands = commands.values.sorted { $0.name < $1.name }
    commandNames = allCommands.map(\.name)
    constants = host.constants
    firstCommand = Int32(names.count)
    for name in commandNames { _ = names.intern(name) }
    firstFunction = Int32(names.count)
    for function in BuiltinFunction.allCases { _ = names.intern(function.rawValue) }
    firstFree = Int32(names.count)
    self.names = names
  }

  /// The command of that name.
  public func command(named name: String) -> (any Command)? { commands[name] }

  /// All words that have a meaning of their own: keywords, commands and functions.
  public var words: [String] { Keyword.allCases.map(\.text) + commandNames + BuiltinFunction.allCases.map(\.rawValue) }

  /// What the host gives to every recipe, by its name.
  public func constant(named name: String) -> HostConstant? { constants.first { $0.name == name } }
  /// The names of all that the host gives.
  public var constantNames: [String] { constants.map(\.name) }

  @inline(__always)
  func isCommand(_ symbol: Symbol) -> Bool { symbol.index >= firstCommand && symbol.index < firstFunction }

  @inline(__always)
  func isFunction(_ symbol: Symbol) -> Bool { symbol.index >= firstFunction && symbol.index < firstFree }

  /// A command's place among all of them.
  func place(of symbol: Symbol) -> Int { Int(symbol.index - firstCommand) }

  func command(_ symbol: Symbol) -> any Command { allCommands[place(of: symbol)] }
  func commandName(_ symbol: Symbol) -> String { commandNames[place(of: symbol)] }

  /// What a word is that can't be a name: `a command`; nil if it can be one.
  func reservedKind(_ symbol: Symbol) -> String? {
    if symbol.index < firstCommand { return "a keyword" }
    if symbol.index < firstFunction { return "a command" }
    return symbol.index < firstFree ? "a function" : nil
  }

  /// What a word is that can't be a name: `a command`; nil if it can be one.
  public func reservedKind(of word: String) -> String? { names.find(word).flatMap { reservedKind($0) } }
}
