import Lexer

/// How something is called, and what comes of it: all that check, plan, help, hover and completion know of a method or a
/// function.
package struct Signature: Sendable {
  package enum Arguments: Sendable {
    /// It is no call at all.
    case field
    case values([Parameter])
    /// One function, written as in `pattern`, that gives one of these kinds.
    case function(pattern: String, gives: ValueKinds)
  }

  /// What it is asked of, or the function's name: `list.take`.
  package let name: String
  package let takes: Arguments
  package let gives: Result
  /// What it does, in a sentence.
  package let help: String
  /// How many arguments it takes, and whether that is a function.
  package let count: Int
  package let takesFunction: Bool

  package init(name: String, takes: Arguments, gives: Result, help: String) {
    self.name = name
    self.takes = takes
    self.gives = gives
    self.help = help
    (count, takesFunction) =
      switch takes {
      case .field: (0, false)
      case .values(let parameters): (parameters.count, false)
      case .function: (1, true)
      }
  }

  /// How it is written: `list.take(n)`.
  package var usage: String { name + parentheses }

  /// What stands behind the name where it is called; empty if nothing has to.
  package var parentheses: String {
    switch takes {
    case .field: ""
    case .values(let parameters):
      // Only functions are called with nothing in the parentheses.
      parameters.isEmpty && name.contains(".") ? "" : "(\(parameters.map(\.name).joined(separator: ", ")))"
    case .function(let pattern, _): "(\(pattern))"
    }
  }

  /// Whether it takes a function that gives a condition.
  package var takesCondition: Bool { if case .function(_, .conditions) = takes { true } else { false } }

  package var parameters: [Parameter] { if case .values(let parameters) = takes { parameters } else { [] } }

  /// The ways of calling something, each with what it does then.
  package static func help(of signatures: [Signature]) -> String {
    signatures.map { "\($0.usage): \($0.help)" }.joined(separator: "; ")
  }

  /// An argument that is no function.
  package struct Parameter: Sendable {
    /// As help writes it.
    package let name: String
    package let kinds: ValueKinds
    /// What it takes, for messages.
    package let expected: String

    package static func any(_ name: String) -> Parameter { Parameter(name: name, kinds: .any, expected: "a value") }
    package static func count(_ name: String) -> Parameter {
      Parameter(name: name, kinds: [.int], expected: "a whole number")
    }
    package static func int(_ name: String) -> Parameter { Parameter(name: name, kinds: [.int], expected: "ints") }
    package static func number(_ name: String, _ expected: String) -> Parameter {
      Parameter(name: name, kinds: [.int, .float], expected: expected)
    }
    /// What can be written into a text is taken as text.
    package static func text(_ name: String) -> Parameter { Parameter(name: name, kinds: .written, expected: "text") }
    package static func name(_ name: String, _ expected: String) -> Parameter {
      Parameter(name: name, kinds: .clusterNames, expected: expected)
    }
  }

  /// What comes of it.
  package enum Result: Sendable {
    case type(ValueType)
    /// A value of the type that it is asked of.
    case same
    /// One of the list's elements.
    case element
    /// A list of what the function gives.
    case results
    /// This, or what the last argument is.
    case typeOrLast(ValueType)

    package static let unknown = Result.type(.unknown)
    package static let bool = Result.type(.bool)
    package static let int = Result.type(.int)
    package static let float = Result.type(ValueType(.float))
    package static let string = Result.type(.string)
    package static let strings = Result.type(.list(of: .string))
    package static let list = Result.type(ValueType(.list))
    package static let map = Result.type(.map)

    /// - Parameters:
    ///   - base: what it is asked of.
    ///   - last: the last argument, or what it gives if that is a function.
    package func type(on base: ValueType, _ last: ValueType = .unknown) -> ValueType {
      switch self {
      case .type(let type): type
      case .same: base
      case .element: base.element
      case .results: .list(of: last)
      case .typeOrLast(let type): type.joined(with: last)
      }
    }
  }
}

/// What may stand behind a dot: a field, or a way of calling a method, `list.join(", ")`. One without arguments is
/// written as a field: `list.count`. Each is one row of `all`, and nothing else in nbx tells what it takes or gives.
public final class Member: Sendable {
  /// What is written behind the dot.
  public let name: String
  package let kinds: ValueKinds
  package let signature: Signature
  /// Whether it is written without parentheses.
  public let isField: Bool
  package let needs: Need
  private let body: Body

  /// How much of its value must be known for a plan to tell what it gives.
  package enum Need: Sendable {
    /// How a list or a map is made up, though its parts may be known later.
    case structure
    /// That, and what each part is: of a list that is known later nobody knows how many elements it has.
    case parts
    case whole
  }

  private enum Body: Sendable {
    case plain(@Sendable (Value, [Value]) throws(ValueProblem) -> Value)
    /// Takes the elements, and what the function gave for each.
    case each(@Sendable ([Value], [Value]) throws(ValueProblem) -> Value)
  }

  private init(
    _ name: String, _ kinds: ValueKinds, _ takes: Signature.Arguments, _ gives: Signature.Result, _ needs: Need,
    _ help: String, _ body: Body
  ) {
    self.name = name
    self.kinds = kinds
    self.needs = needs
    self.body = body
    signature = Signature(name: "\(Member.owner(kinds)).\(name)", takes: takes, gives: gives, help: help)
    isField = if case .field = takes { true } else { false }
  }

  /// A method whose arguments are values.
  convenience init(
    _ name: String, on kinds: ValueKinds, takes: [Signature.Parameter] = [], gives: Signature.Result,
    needs: Need = .whole, _ help: String,
    _ body: @escaping @Sendable (Value, [Value]) throws(ValueProblem) -> Value
  ) {
    self.init(name, kinds, .values(takes), gives, needs, help, .plain(body))
  }

  /// A method that calls a function for each element or entry first.
  convenience init(
    _ name: String, onEachOf kind: ValueKind, function: ValueKinds = .any, gives: Signature.Result,
    needs: Need = .whole, _ help: String,
    _ body: @escaping @Sendable ([Value], [Value]) throws(ValueProblem) -> Value
  ) {
    let takes = Signature.Arguments.function(pattern: kind == .map ? "(k, v) => …" : "x => …", gives: function)
    self.init(name, [kind], takes, gives, needs, help, .each(body))
  }

  /// A field; one that is nil is null.
  package convenience init(
    field name: String, of kind: ValueKind, gives: Signature.Result = .unknown, _ help: String,
    _ body: @escaping @Sendable (Value) throws(ValueProblem) -> Value?
  ) {
    let get = { @Sendable (value: Value, _: [Value]) throws(ValueProblem) in try body(value) ?? .null }
    self.init(name, [kind], .field, gives, .structure, help, .plain(get))
  }

  /// What help calls the values that have it.
  private static func owner(_ kinds: ValueKinds) -> String {
    if kinds.contains(.string) { return "text" }
    let all = kinds.all
    if all.count == 1 { return all[0].name }
    return kinds == [.int, .float] ? "number" : "value"
  }

  /// Whether nothing stands in parentheses behind it.
  package var isWrittenBare: Bool { signature.count == 0 }

  /// Whether values of a kind have it. Programs' output does what text does.
  public func belongs(to kind: ValueKind) -> Bool {
    kinds.contains(kind) || (kind == .record && !isField && kinds.contains(.string))
  }

  /// What a method without a function gives, or a field.
  package func apply(to value: Value, _ arguments: [Value]) throws(ValueProblem) -> Value {
    guard case .plain(let body) = body else { return .null }
    return try body(value, arguments)
  }

  /// What a method gives whose function has given `results` for the elements.
  package func combine(_ elements: [Value], _ results: [Value]) throws(ValueProblem) -> Value {
    guard case .each(let body) = body else { return .null }
    return try body(elements, results)
  }

  /// The whole table. A record's own fields come before what text does.
  public static let all: [Member] = fields + collectionMethods + textMethods + numberMethods

  /// The name of every method and field, each once.
  public static let allNames: [String] = {
    var seen: Set<String> = []
    return all.map(\.name).filter { seen.insert($0).inserted }
  }()

  private static let places = Dictionary(uniqueKeysWithValues: allNames.enumerated().map { ($1, $0) })

  /// By the places of their names: what the parser looks up once is not looked up in a run.
  package static let groups: [[Member]] = {
    let groups = Dictionary(grouping: all, by: \.name)
    return allNames.map { groups[$0] ?? [] }
  }()

  /// The place of a name among those that there are.
  package static func place(of name: String) -> Int? { places[name] }

  /// Those of that name, of whatever kind of value.
  public static func named(_ name: String) -> [Member] { place(of: name).map { groups[$0] } ?? [] }

  package static func names(of kind: ValueKind) -> [String] { all.filter { $0.belongs(to: kind) }.map(\.name) }

  /// Why a value of the kind can't be asked for a method.
  package static func noMethod(_ name: String, of kind: ValueKind) -> ValueProblem {
    let known = Set(all.filter { $0.belongs(to: kind) && !$0.isField }.map(\.name)).sorted()
    let advice =
      ForeignWords.advice(onMember: name) ?? nearestSpelling(to: name, among: known).map { "did you mean `\($0)`?" }
      ?? (known.isEmpty ? nil : "it has: \(known.joined(separator: ", "))")
    return .wrong("\(kind.withArticle) has no method `\(name)`", advice: advice)
  }

  /// Of several, what each does: a line for each kind of value that has them.
  public static func help(of members: [Member]) -> [String] {
    var groups: [(kinds: ValueKinds, signatures: [Signature])] = []
    for member in members {
      if let place = groups.firstIndex(where: { $0.kinds == member.kinds }) {
        groups[place].signatures.append(member.signature)
      } else {
        groups.append((member.kinds, [member.signature]))
      }
    }
    return groups.map { group in
      let kinds = group.kinds.all
      let names = (kinds.first.map { [$0.withArticle] } ?? []) + kinds.dropFirst().map(\.name)
      return "of \(names.joined(separator: ", ")): \(Signature.help(of: group.signatures))"
    }
  }
}

extension [Member] {
  /// The field of a value, or the method that is called without arguments.
  package func bare(of kind: ValueKind) -> Member? { first { $0.belongs(to: kind) && $0.isWrittenBare } }

  /// The method of a value that takes so many arguments.
  package func method(of kind: ValueKind, taking count: Int, function: Bool) -> Member? {
    first { member in
      let signature = member.signature
      return member.belongs(to: kind) && !member.isField && signature.count == count
        && signature.takesFunction == function
    }
  }
}

// MARK: Fields

extension Member {
  package static let fields: [Member] = cluster + outcome + record

  private static let cluster: [Member] = [
    Member(field: "name", of: .cluster, gives: .string, "its name") { $0.asCluster.map { .string($0.name) } },
    Member(field: "index", of: .cluster, gives: .int, "its place among the run's clusters, from 0") {
      $0.asCluster.map { .int(Int64($0.index)) }
    },
    Member(
      field: "context", of: .cluster, gives: .string, "the kube context that leads to it; empty where there is none"
    ) { $0.asCluster.map { .string($0.context) } },
  ]

  /// Of what worked there is an exit code and output if it was a program, and no kind.
  package static let outcome: [Member] = [
    Member(field: "ok", of: .outcome, gives: .bool, "whether it worked") { $0.asOutcome.map { .bool($0.isOK) } },
    Member(field: "value", of: .outcome, "what came of it; of what failed, what was done before") {
      $0.asOutcome?.value
    },
    Member(field: "error", of: .outcome, "why it failed, as text; null if it did not") {
      $0.asOutcome?.error.map { Value($0) }
    },
    Member(field: "kind", of: .outcome, "which kind of failure, in a word that stays as it is; null if it worked") {
      $0.asOutcome?.details.map { .string($0.kind) }
    },
    Member(field: "code", of: .outcome, "a program's exit code, or the number of a server's refusal") {
      ($0.asOutcome?.details?.code ?? $0.asOutcome?.value.asRecord?.code).map { .int(Int64($0)) }
    },
    Member(field: "out", of: .outcome, "what a program wrote") {
      ($0.asOutcome?.details?.out ?? $0.asOutcome?.value.asRecord?.out).map { Value($0) }
    },
    Member(field: "err", of: .outcome, "what a program wrote to standard error") {
      ($0.asOutcome?.details?.err ?? $0.asOutcome?.value.asRecord?.err).map { Value($0) }
    },
  ]

  private static let record: [Member] = [
    Member(field: "out", of: .record, gives: .string, "what the program wrote") { $0.asRecord.map { Value($0.out) } },
    Member(field: "err", of: .record, gives: .string, "what it wrote to standard error") {
      $0.asRecord.map { Value($0.err) }
    },
    Member(field: "code", of: .record, gives: .int, "its exit code") { $0.asRecord.map { .int(Int64($0.code)) } },
    Member(field: "lines", of: .record, gives: .strings, "the lines of what it wrote") { value throws(ValueProblem) in
      try value.asRecord?.text.boundedLines()
    },
    Member(field: "json", of: .record, "the value that the JSON holds which it wrote") { value throws(ValueProblem) in
      if let json = value.asRecord?.json { return json }
      return try value.asRecord?.out.parsedJSON(what: "the output")
    },
    Member(field: "text", of: .record, gives: .string, "what it wrote, without the last line's end") {
      $0.asRecord.map { Value($0.text) }
    },
  ]
}

extension Value {
  fileprivate var asCluster: Cluster? { if case .cluster(let cluster) = self { cluster } else { nil } }
  fileprivate var asOutcome: Outcome? { if case .outcome(let outcome) = self { outcome } else { nil } }
  fileprivate var asRecord: ProgramRecord? { if case .record(let record) = self { record } else { nil } }

  /// The value's field, or what a method of that name without arguments gives.
  ///
  /// - Parameter members: those of that name.
  package func field(_ name: String, _ members: [Member]) throws(ValueProblem) -> Value {
    if case .map(let map) = self, let value = map[name] { return value }
    if let member = members.bare(of: kind) { return try member.apply(to: self, []) }
    throw missing(name)
  }

  private func missing(_ name: String) -> ValueProblem {
    var known = Member.names(of: kind)
    if case .null = self {
      return .missing("null has no field `\(name)`", advice: "`??` gives a value in its place")
    }
    let foreign = ForeignWords.advice(onMember: name)
    if case .map(let map) = self {
      known += map.keys
      let near = nearestSpelling(to: name, among: known).map { "did you mean `\($0)`?" }
      let keys = map.keys.prefix(12).joined(separator: ", ")
      let what = map.isEmpty ? "it is empty" : "its keys: \(keys)\(map.count > 12 ? ", … \(map.count) in all" : "")"
      return .missing("the map has no key `\(name)`", advice: near ?? foreign ?? what)
    }
    let near = nearestSpelling(to: name, among: known).map { "did you mean `\($0)`?" }
    return .wrong("\(typeWithArticle) has no field `\(name)`", advice: foreign ?? near)
  }

  /// The element at an index or a key.
  package func element(at index: Value) throws(ValueProblem) -> Value {
    switch (self, index) {
    case (.list(let elements), .int(let place)):
      let at = place < 0 ? place + Int64(elements.count) : place
      guard at >= 0, at < Int64(elements.count) else {
        throw .missing("the list has no element \(place)", advice: "it has \(elements.count)")
      }
      return elements[Int(at)]
    case (.range(let range), .int(let place)):
      let at = place < 0 ? place &+ range.count : place
      guard at >= 0, at < range.count else {
        throw .missing("the range has no element \(place)", advice: "it has \(range.count)")
      }
      return .int(range.first + at)
    case (.map(let map), _):
      guard let key = index.asText else { throw .wrong("a map's keys are text, not \(index.typeWithArticle)") }
      guard let value = map[key.string] else { throw missing(key.masked) }
      return value
    case (.null, _): throw .missing("null has no elements", advice: "`??` gives a value in its place")
    case (.list, _), (.range, _): throw .wrong("a list's index is an int, not \(index.typeWithArticle)")
    default: throw .wrong("\(typeWithArticle) has no elements")
    }
  }
}
