/// A program that a target needs on this machine.
package struct Requirement: Sendable {
  package let program: String
  /// What it is needed for.
  let purpose: String
  /// The least version that works, and why that one; one for each channel that the program comes in.
  let least: [ProgramVersion]
  let because: String
  /// How to install it, one way a line.
  package let installation: [String]
  /// How it is asked for its version.
  let versionArguments: [String]

  /// The version that would be needed in place of this one; nil if it will do.
  func least(inPlaceOf version: ProgramVersion) -> ProgramVersion? {
    guard let least = least.first(where: { $0.channel == version.channel }) ?? least.first else { return nil }
    return version < least ? least : nil
  }
}

/// A program's version, as far as two of them can be told apart: `5.8.3`, or `25.4.4` of `edge-25.4.4`.
package struct ProgramVersion: Comparable, Sendable, CustomStringConvertible {
  let numbers: [Int]
  /// What stood before the numbers: `edge`, `stable`, or nothing.
  let channel: String

  package init(_ numbers: Int..., channel: String = "") {
    self.numbers = numbers
    self.channel = channel
  }

  package var description: String {
    (channel.isEmpty ? "" : channel + "-") + numbers.map(String.init).joined(separator: ".")
  }

  package static func < (a: Self, b: Self) -> Bool { a.numbers.lexicographicallyPrecedes(b.numbers) }

  /// The first version in what a program prints; nil if there is none.
  package init?(in output: String) {
    let separators: Set<Character> = [" ", "\n", "\t", "\"", ",", ":", "+", "(", ")", "{", "}", "="]
    for word in output.split(whereSeparator: separators.contains) {
      guard let version = ProgramVersion(word: word) else { continue }
      self = version
      return
    }
    return nil
  }

  /// `v5.8.3`, `28.0.4`, `edge-25.4.4`, `1.33.1-rc.1`: at least two numbers.
  private init?(word: Substring) {
    let name = String(word.prefix { $0.isLetter })
    var rest = word.dropFirst(name.count)
    let isNamed = rest.first == "-" && !name.isEmpty
    guard isNamed || name.isEmpty || name == "v" else { return nil }
    if isNamed { rest = rest.dropFirst() }
    let parts = rest.prefix { $0.isNumber || $0 == "." }.split(separator: ".", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Int($0) }
    guard numbers.count > 1, numbers.count == parts.count else { return nil }
    self.numbers = numbers
    channel = isNamed ? name : ""
  }
}
