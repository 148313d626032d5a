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

  /// Which kind of value it is.
  public var kind: ValueKind {
    switch self {
    case .null: .null
    case .bool: .bool
    case .int: .int
    case .float: .float
    case .string: .string
    case .secret: .secret
    case .duration: .duration
    case .size: .size
    case .time: .time
    case .cluster: .cluster
    case .list, .range: .list
    case .map: .map
    case .outcome: .outcome
    case .record: .record
    case .later: .unknown
    }
  }

  /// The name of the value's kind, as messages use it.
  public var typeName: String { kind.name }

  /// The kind's name with its article: `an int`.
  public var typeWithArticle: String { kind.withArticle }

  /// The elements, if this is a list or a range.
  public var elements: [Value]? {
    switch self {
    case .list(let elements): elements
    case .range(let range): range.map(Value.int)
    default: nil
    }
  }

  /// The value as a key of a map, which everybody may see.
  package func asKey() throws(ValueProblem) -> String {
    guard let text = asText else { throw .wrong("a map's keys are text, not \(typeWithArticle)") }
    if text.isSecret { throw .wrong("a secret can't be a key", advice: "keys are shown; keep secrets in values") }
    return text.string
  }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// A string that may be shown.
  public init(stringLiteral value: String) { self = .string(value) }
  /// An int.
  public init(integerLiteral value: Int64) { self = .int(value) }
  /// A bool.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A list.
  public init(arrayLiteral elements: Value...) { self = .list(elements) }
  /// A map, in the order of the literal.
  public init(dictionaryLiteral elements: (String, Value)...) { self = .map(ValueMap(elements)) }
}

/// How a size that no literal spells is written where it is data.
public enum SizeForm: Sendable {
  /// As a whole number of bytes.
  case bytes
  /// As Kubernetes has it in manifests and charts in their values: `1536Mi`.
  case quantity
}

/// Values as data: what programs, files and messages get. Unlike what people are shown, every amount is exact.
extension Value {
  /// The value as a text with nothing of it rounded; nil for what has no text of its own.
  func dataText(_ sizes: SizeForm) -> Text? {
    switch self {
    case .duration(let duration): Text(duration.exactText)
    case .size(let size):
      Text(sizes == .bytes && size.spelling == nil ? String(size.bytes) : size.quantity)
    case .time(let time): Text(time.exactText)
    default: asText
    }
  }

  /// The value as a word of a command.
  package var asWord: Text? { dataText(.quantity) }

  /// A document as it is handed on: a map or a list as JSON, everything else as its text.
  public func documentText(indented: Bool = false, sizes: SizeForm = .bytes) -> Text {
    dataText(sizes) ?? json(indented: indented, sizes: sizes)
  }

  /// The bytes of a document as a program gets it.
  public func documentBytes(_ sizes: SizeForm = .bytes) -> [UInt8] { Array(documentText(sizes: sizes).string.utf8) }
}

/// Why an operation on values did not work.
package struct ValueProblem: Error, Sendable {
  package enum Kind: Sendable {
    /// A field, an index or an element that is not there: `??` covers it, and a wait goes on.
    case missing
    /// The values are of the wrong types or out of range: no waiting helps.
    case wrong
    /// A limit or a stop came before its end.
    case outOfTime
  }

  package let kind: Kind
  package let message: String
  package let advice: String?

  package static let outOfTime = ValueProblem(
    kind: .outOfTime, message: "it takes more than ten minutes", advice: "work on a part of it at a time")

  package static func missing(_ message: String, advice: String? = nil) -> ValueProblem {
    ValueProblem(kind: .missing, message: message, advice: advice)
  }

  package static func wrong(_ message: String, advice: String? = nil) -> ValueProblem {
    ValueProblem(kind: .wrong, message: message, advice: advice)
  }
}
