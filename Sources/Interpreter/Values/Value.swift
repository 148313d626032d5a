/// What an expression gives. Values never change; whoever holds one may hand it to any thread.
public enum Value: Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  case float(Double)
  case string(String)
  /// Text of which some part must not be seen.
  indirect case secret(Text)
  case duration(DurationValue)
  case size(SizeValue)
  case time(TimeValue)
  case cluster(Cluster)
  case list([Value])
  case map(ValueMap)
  case range(RangeValue)
  case outcome(Outcome)
  case record(ProgramRecord)
  /// In a plan: what is only known during a run, with the text that stands for it.
  indirect case later(Text)

  /// The text, secret or not.
  public init(_ text: Text) {
    if text.isKnownLater {
      self = .later(text)
    } else {
      self = text.hidden.isEmpty ? .string(text.string) : .secret(text)
    }
  }

  /// The name of the value's type, as messages use it.
  public var typeName: String {
    switch self {
    case .null: "null"
    case .bool: "bool"
    case .int: "int"
    case .float: "float"
    case .string: "string"
    case .secret: "secret"
    case .duration: "duration"
    case .size: "size"
    case .time: "time"
    case .cluster: "cluster"
    case .list, .range: "list"
    case .map: "map"
    case .outcome: "outcome"
    case .record: "record"
    case .later: "value that is known later"
    }
  }

  /// The type's name with its article: `an int`.
  public var typeWithArticle: String {
    switch self {
    case .null: "null"
    case .int, .outcome: "an \(typeName)"
    default: "a \(typeName)"
    }
  }

  /// The elements, if this is a list or a range.
  public var elements: [Value]? {
    switch self {
    case .list(let elements): elements
    case .range(let range): range.map(Value.int)
    default: nil
    }
  }
}

extension Value {
  /// The value as a key of a map, which everybody may see.
  func asKey() throws(ValueProblem) -> String {
    guard let text = asText else { throw .wrong("a map's keys are text, not \(typeWithArticle)") }
    if text.isSecret { throw .wrong("a secret can't be a key", advice: "keys are shown; keep secrets in values") }
    return text.string
  }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int64) { self = .int(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(arrayLiteral elements: Value...) { self = .list(elements) }
  public init(dictionaryLiteral elements: (String, Value)...) { self = .map(ValueMap(elements)) }
}
