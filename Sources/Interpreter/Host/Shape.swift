import Lexer

/// What a command gives, as far as that is known before the run.
public indirect enum Shape: Sendable {
  case unknown, nothing, bool, int, float, text, duration, size, time
  /// What a program gave.
  case record
  case list(Shape)
  case map(Fields)
  /// One of these, by what there is.
  case either([Shape])

  /// A map with such fields.
  ///
  /// - Parameters:
  ///   - name: with its article; empty: it has none, and is part of what it stands in.
  ///   - open: whether there may be others.
  public static func map(_ name: String, open: Bool = false, _ fields: [Field]) -> Shape {
    .map(Fields(name: name, all: fields, isOpen: open))
  }

  /// A map whose keys are the users' own.
  public static let anyMap = Shape.map("", open: true, [])

  /// The shape in a few words.
  public var summary: String {
    switch self {
    case .unknown: "a value"
    case .nothing: "nothing"
    case .bool: "a bool"
    case .int: "an int"
    case .float: "a float"
    case .text: "a string"
    case .duration: "a duration"
    case .size: "a size"
    case .time: "a time"
    case .record: "what a program gave"
    case .list(let element): "a list, each \(element.summary)"
    case .map(let fields): fields.name.isEmpty ? "a map" : fields.name
    case .either(let shapes): shapes.map(\.summary).joined(separator: ", or ")
    }
  }

  /// The maps with a name that it consists of, itself the first.
  public var named: [Fields] {
    switch self {
    case .list(let element): element.named
    case .map(let fields): (fields.name.isEmpty ? [] : [fields]) + fields.all.flatMap(\.shape.named)
    case .either(let shapes): shapes.flatMap(\.named)
    default: []
    }
  }

  /// What there is of it to say, if it is none of the maps with a name: a line for each field.
  public var lines: [(name: String, help: String)] {
    switch self {
    case .list(let element): element.lines
    case .map(let fields) where fields.name.isEmpty: fields.lines
    default: []
    }
  }

  var fields: [Field] {
    switch self {
    case .map(let fields): return fields.all
    case .either(let shapes):
      var seen: Set<String> = []
      return shapes.flatMap(\.fields).filter { seen.insert($0.name).inserted }
    case .record: return Shape.recordFields
    default: return []
    }
  }

  private static let recordFields = [
    Field("out", .text, "what it wrote"), Field("err", .text, "what it wrote of errors"),
    Field("code", .int, "its exit code"), Field("lines", .list(.text), "the lines of what it wrote"),
    Field("json", .unknown, "what it wrote, read as JSON"),
    Field("text", .text, "what it wrote, without its last line's end"),
  ]

  func field(_ name: String) -> Shape { fields.first { $0.name == name }?.shape ?? .unknown }

  var element: Shape {
    switch self {
    case .list(let element): element
    case .either(let shapes): .either(shapes.map(\.element))
    default: .unknown
    }
  }

  /// What becomes of it by a method, if it stays what it is or becomes one of its elements.
  func result(ofMethod name: String) -> Shape {
    switch name {
    case "first", "last", "min", "max": element
    case "filter", "sort", "reverse", "take", "drop", "unique": self
    default: .unknown
    }
  }

  /// The type's name as methods know it; nil if it is unknown.
  var methodType: String? {
    switch self {
    case .unknown, .nothing, .either: nil
    case .bool: "bool"
    case .int: "int"
    case .float: "float"
    case .text, .record: "string"
    case .duration: "duration"
    case .size: "size"
    case .time: "time"
    case .list: "list"
    case .map: "map"
    }
  }
}

/// The fields of a map.
public struct Fields: Sendable {
  /// With its article: `a stream`. Empty if it has none.
  public let name: String
  public let all: [Field]
  /// Whether there may be others.
  public let isOpen: Bool

  /// Each field, and those of maps in it that have no name of their own behind a dot: `latency.p99`.
  public var lines: [(name: String, help: String)] {
    all.flatMap { field in
      let inner = field.shape.lines.map { (name: "\(field.name).\($0.name)", help: $0.help) }
      let kind = field.shape.summary + (field.isOptional ? ", if there is one" : "")
      return [(name: field.name, help: field.help.isEmpty ? kind : "\(kind): \(field.help)")] + inner
    } + (isOpen && !all.isEmpty ? [(name: "…", help: "others, as servers tell them")] : [])
  }
}

/// A field of what a command gives.
public struct Field: Sendable {
  public let name: String
  public let shape: Shape
  /// What it is, where its name does not say all of it.
  public let help: String
  /// Whether it may be missing.
  public let isOptional: Bool

  public init(_ name: String, _ shape: Shape, _ help: String = "", optional: Bool = false) {
    self.name = name
    self.shape = shape
    self.help = help
    isOptional = optional
  }
}

extension Command {
  /// What a call gives.
  ///
  /// - Parameter words: nil for one that is only known during the run.
  func gives(_ words: [Text?]) -> Shape {
    guard case .forms = grammar else { return gives }
    guard let given = grammar.read(words, of: name).reading?.words else { return .unknown }
    let byFlag = given.form.flags.first { $0.gives != nil && given.has($0.name) }?.gives
    let byWord = given.form.positionals.prefix(given.positionals.count).last { $0.gives != nil }?.gives
    return byFlag ?? byWord ?? given.form.gives
  }
}
