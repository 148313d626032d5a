import Lexer

/// What a command gives, as far as that is known before the run.
public indirect enum Shape: Sendable {
  case unknown, nothing, bool, int, float, text, duration, size, time
  /// What a program gave.
  case record
  case list(Shape)
  case map(Fields)

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
    }
  }

  /// The maps with a name that it consists of, itself the first.
  public var named: [Fields] {
    switch self {
    case .list(let element): element.named
    case .map(let fields): (fields.name.isEmpty ? [] : [fields]) + fields.all.flatMap(\.shape.named)
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

  /// Fields behind what has them, in Markdown: `: name string; size size, how large`.
  public static func inMarkdown(_ fields: [(name: String, help: String)]) -> String {
    fields.isEmpty ? "" : ": " + fields.map { "`\($0.name)` \($0.help)" }.joined(separator: "; ")
  }

  package var fields: [Field] { if case .map(let fields) = self { fields.all } else { [] } }

  package func field(_ name: String) -> Shape { fields.first { $0.name == name }?.shape ?? .unknown }

  package var element: Shape { if case .list(let element) = self { element } else { .unknown } }

  /// What becomes of it by a method, if it stays what it is or becomes one of its elements.
  package func result(ofMethod name: String) -> Shape {
    switch name {
    case "first", "last", "min", "max": element
    case "filter", "sort", "reverse", "take", "drop", "unique": self
    default: .unknown
    }
  }

  package var kind: ValueKind {
    switch self {
    case .unknown: .unknown
    case .nothing: .null
    case .bool: .bool
    case .int: .int
    case .float: .float
    case .text: .string
    case .record: .record
    case .duration: .duration
    case .size: .size
    case .time: .time
    case .list: .list
    case .map: .map
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

  /// Each field, and those of maps in it that have no name of their own behind a dot: `latency.p99`. One that may be
  /// missing has a `?`.
  public var lines: [(name: String, help: String)] {
    all.flatMap { field in
      let inner = field.shape.lines.map { (name: "\(field.name).\($0.name)", help: $0.help) }
      let kind =
        field.shape.named.isEmpty ? String(field.shape.summary.drop { $0 != " " }.dropFirst()) : field.shape.summary
      let name = field.name + (field.isOptional ? "?" : "")
      return [(name: name, help: field.help.isEmpty ? kind : "\(kind): \(field.help)")] + inner
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

  private static let kinds: [Substring: Shape] = [
    "bool": .bool, "int": .int, "float": .float, "text": .text, "duration": .duration, "size": .size, "time": .time,
    "map": .anyMap, "any": .unknown,
  ]

  /// Fields as they are written down: `name text; tags [text]?: what it has`, one behind a `;` or in a line of its own.
  /// Brackets stand for a list, `?` for one that may be missing.
  public static func all(_ list: String) -> [Field] {
    list.split { $0 == ";" || $0.isNewline }.map { entry in
      let parts = entry.split(separator: ":", maxSplits: 1)
      let words = parts[0].split(separator: " ")
      let kind = words.count > 1 ? words[1].filter { $0 != "?" } : ""
      let isList = kind.hasPrefix("[")
      let one = kinds[isList ? kind.dropFirst().dropLast() : kind[...]] ?? .unknown
      return Field(
        String(words.first ?? ""), isList ? .list(one) : one,
        parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "",
        optional: parts[0].contains("?"))
    }
  }
}
