import Interpreter
import Testing

/// An argument of a parameterised test whose name in the log is short and of one line, however long it is itself.
///
/// A literal makes one, so a table of examples reads as if there were no names.
public struct Named<Value: Sendable>: Sendable, CustomTestStringConvertible {
  public let value: Value
  public let testDescription: String

  /// - Parameter name: what the log calls it; else its own beginning.
  public init(_ value: Value, _ name: String? = nil) {
    let name = name ?? String(reflecting: value)
    let longest = 60
    self.value = value
    testDescription = name.utf8.count > longest ? "\(name.prefix(longest))…" : name
  }
}

extension Named: ExpressibleByUnicodeScalarLiteral, ExpressibleByExtendedGraphemeClusterLiteral,
  ExpressibleByStringLiteral, ExpressibleByStringInterpolation
where Value == String {
  public init(stringLiteral text: String) { self.init(text) }
}

extension Named: ExpressibleByArrayLiteral where Value == [String] {
  public init(arrayLiteral elements: String...) { self.init(elements) }
}

extension Interpreter.Value: CustomTestStringConvertible {
  public var testDescription: String { Named(json().masked).testDescription }
}
