/// The functions that every recipe can call.
public enum BuiltinFunction: String, CaseIterable, Sendable {
  case secret, read, exists, env, now, random

  /// How many arguments it takes.
  var arguments: ClosedRange<Int> {
    switch self {
    case .now: 0...0
    case .random: 0...2
    case .secret, .read, .exists: 1...1
    case .env: 1...2
    }
  }

  /// Whether what it gives is only known during a run, in a plan.
  var isKnownLater: Bool { self == .now || self == .random }

  /// What it does, for help and hover.
  public var help: String {
    switch self {
    case .secret: "secret(x): the text x as a secret, shown as ••• wherever it is written out"
    case .read: "read(path): the text of a file, from the recipe's folder"
    case .exists: "exists(path): whether there is a file or folder of that name"
    case .env:
      "env(name), env(name, default): a variable of the environment; it fails if it is not set and there is no default"
    case .now: "now(): the time"
    case .random:
      "random(): a float from 0 up to 1; random(n): an int from 0 to n - 1; random(a, b): an int from a to b"
    }
  }
}
