/// Something that a value can do: `list.join(", ")`. One without arguments may be written as a field: `list.count`.
public struct Method: Sendable {
  /// The types that have it, as `Value.typeName` names them.
  public let types: [String]
  public let name: String
  /// How many arguments it takes.
  public let arguments: ClosedRange<Int>
  /// What it does, for help and hover: the call, a colon, a sentence.
  public let help: String
  let takesLambda: LambdaUse
  let body: Body

  /// Whether it answers for a range of any length, without making a list of it.
  private var worksOnRanges: Bool { ["count", "first", "last", "contains"].contains(name) }

  /// What a method without a function gives.
  func apply(to value: Value, _ arguments: [Value]) throws(ValueProblem) -> Value {
    guard case .plain(let body) = body else { return .null }
    if case .range = value, !worksOnRanges { return try body(.list(try value.boundedElements()), arguments) }
    return try body(value, arguments)
  }

  enum LambdaUse: Sendable { case never, maybe, always }

  enum Body: Sendable {
    case plain(@Sendable (Value, [Value]) throws(ValueProblem) -> Value)
    /// Calls the function for each element first, then makes something of the elements and what came of each.
    case each(@Sendable ([Value], [Value]) throws(ValueProblem) -> Value)
  }

  /// A method whose arguments are values.
  init(
    _ types: [String], _ name: String, _ arguments: ClosedRange<Int> = 0...0, _ help: String,
    _ body: @escaping @Sendable (Value, [Value]) throws(ValueProblem) -> Value
  ) {
    self.types = types
    self.name = name
    self.arguments = arguments
    self.help = help
    takesLambda = .never
    self.body = .plain(body)
  }

  /// A method that takes a function.
  init(
    each types: [String], _ name: String, _ help: String,
    _ body: @escaping @Sendable ([Value], [Value]) throws(ValueProblem) -> Value
  ) {
    self.types = types
    self.name = name
    arguments = 1...1
    self.help = help
    takesLambda = .always
    self.body = .each(body)
  }

  /// The whole table.
  public static let all: [Method] = listMethods + mapMethods + textMethods + numberMethods

  private static let byName = Dictionary(grouping: all, by: \.name)

  /// The name of every method, each once.
  public static let allNames: [String] = Array(byName.keys)

  /// The methods of that name, of whatever type.
  public static func named(_ name: String) -> [Method] { byName[name] ?? [] }

  static func find(_ name: String, of value: Value, withLambda: Bool = false) -> Method? {
    let type = value.methodType
    return named(name).first { $0.types.contains(type) && ($0.takesLambda == .always) == withLambda }
  }

  static func names(of value: Value) -> [String] {
    let type = value.methodType
    return all.filter { $0.types.contains(type) }.map(\.name)
  }
}

extension Value {
  /// Programs' output does what text does.
  fileprivate var methodType: String {
    if case .record = self { return "string" }
    return typeName
  }
}
