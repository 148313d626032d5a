/// The functions that every recipe can call.
public enum BuiltinFunction: String, CaseIterable, Sendable {
  case secret, read, exists, env, now, random

  /// The ways of calling it.
  package var signatures: [Signature] { BuiltinFunction.table[self] ?? [] }

  private static let table: [BuiltinFunction: [Signature]] = [
    .secret: [
      way(
        "secret", [.text("text")], gives: .type(ValueType(.secret)),
        "the text as a secret, shown as ••• wherever it is written out")
    ],
    .read: [
      way("read", [.name("path", "a path")], gives: .string, "the text of a file, from the recipe's folder")
    ],
    .exists: [
      way("exists", [.name("path", "a path")], gives: .bool, "whether there is a file or folder of that name")
    ],
    .env: [
      way("env", [.name("name", "a name")], gives: .string, "a variable of the environment; it fails if it is not set"),
      way(
        "env", [.name("name", "a name"), .any("default")], gives: .typeOrLast(.string),
        "the same, or the default if it is not set"),
    ],
    .now: [way("now", [], gives: .type(ValueType(.time)), "the time")],
    .random: [
      way("random", [], gives: .float, "a float from 0 up to 1"),
      way("random", [.int("n")], gives: .int, "an int from 0 to n - 1"),
      way("random", [.int("a"), .int("b")], gives: .int, "an int from a to b"),
    ],
  ]

  private static func way(
    _ name: String, _ takes: [Signature.Parameter], gives: Signature.Result, _ help: String
  ) -> Signature {
    Signature(name: name, takes: .values(takes), gives: gives, help: help)
  }

  /// What it gives if it is called with so many arguments.
  package func gives(_ count: Int, _ last: ValueType = .unknown) -> ValueType {
    let way = signatures.first { $0.count == count } ?? signatures.first
    return way?.gives.type(on: .unknown, last) ?? .unknown
  }

  /// Whether what it gives is only known during a run, in a plan.
  package var isKnownLater: Bool { self == .now || self == .random }

  /// Whether it may give something else the next time.
  package var mayChange: Bool { isKnownLater || self == .read || self == .exists }

  /// What it does, for help and hover.
  public var help: String { Signature.help(of: signatures) }
}
