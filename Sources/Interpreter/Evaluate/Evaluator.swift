import Lexer
import Synchronization

/// Runs statements and evaluates expressions. It holds nothing that changes but the libraries' values; all else is in
/// frames, so that lanes share it.
final class Evaluator: Sendable {
  let program: Program
  let host: any Host
  let clusters: [Cluster]
  let secrets: SecretRegistry
  /// Takes down what would be done, in a plan; nil in a run.
  let plan: PlanRecorder?
  /// The frames of the libraries that have been brought in, by the place of the unit.
  private let libraries: Mutex<[Int: [Value]]>
  /// What an earlier run has kept of them.
  private let keptLibraries: [Int: StoredLocals]

  /// How long a command may take if nothing else is said.
  static let commandLimit = Duration.seconds(600)
  /// How long a wait goes on if nothing else is said.
  static let waitLimit = Duration.seconds(60)
  /// How long a block of `during` may take.
  static let longestBlock = Duration.seconds(86_400)
  /// How long a deferred block may take.
  static let deferLimit = Duration.seconds(60)

  init(
    program: Program, host: any Host, clusters: [Cluster], secrets: SecretRegistry, plan: PlanRecorder? = nil,
    keptLibraries: [Int: StoredLocals] = [:], libraries: [Int: [Value]] = [:]
  ) {
    self.program = program
    self.host = host
    self.clusters = clusters
    self.secrets = secrets
    self.plan = plan
    self.keptLibraries = keptLibraries
    self.libraries = Mutex(libraries)
  }

  /// Runs a recipe from its first statement to its last.
  ///
  /// - Parameter point: where an earlier run left it; nil for from its start.
  func run(
    _ unit: Unit, arguments: [String: Value], _ place: Place, from point: ResumePoint? = nil
  ) throws(Failure) {
    var frame = Frame(size: unit.frameSize, place: place)
    if let point {
      try restore(&frame, of: unit, arguments: arguments, at: point)
    } else {
      bindGivenNames(of: unit, in: &frame)
      for parameter in unit.parameters { try bind(parameter, arguments, &frame) }
    }
    if let title = unit.title { emit(.recipeStarted(title: title), frame) }
    _ = try execute(unit.body, &frame, from: point)
  }

  func bind(_ parameter: Parameter, _ arguments: [String: Value], _ frame: inout Frame) throws(Failure) {
    let value = try evaluate(parameter.value, &frame)
    frame.locals[parameter.variable.slot] = try argument(arguments[parameter.name], for: parameter, value, frame)
  }

  private func argument(
    _ given: Value?, for parameter: Parameter, _ value: Value, _ frame: Frame
  ) throws(Failure) -> Value {
    guard let given, !given.isLater else { return given ?? value }
    if value.isLater {
      // Of what type it would be is known later, too.
      guard let text = given.asText else { return given }
      return parameter.isSecret ? Value(.secret(text.string)) : .later(text)
    }
    if case .string(let text) = given {
      if let parsed = value.parsedAlike(text)?.coveringEvidentSecrets {
        for secret in parsed.secretTexts { secrets.add(secret) }
        return parsed
      }
    } else if given.kind == value.kind || value.kind == .null {
      return value.secrecy(over: given)
    } else if case .string = value, let text = given.asText {
      return Value(text)
    } else if case .float = value, case .int(let int) = given {
      return .float(Double(int))
    }
    let title = "the parameter `\(parameter.name)` takes \(value.typeWithArticle), not \(given.shown(limit: 40))"
    throw failure(.misuse, title, parameter.span, frame)
  }

  /// What is wrong with the arguments of a command line, and with defaults that can't be had.
  func problems(with arguments: [String: String], of unit: Unit, _ place: Place) -> [Diagnostic] {
    var problems: [Diagnostic] = []
    for name in arguments.keys.sorted() where !unit.parameters.contains(where: { $0.name == name }) {
      let suggestion = nearestSpelling(to: name, among: unit.parameters.map(\.name))
      let problem = CheckProblem.unknownParameter(name, recipe: unit.file.path, suggestion: suggestion)
      problems.append(Diagnostic(problem.title, at: nil).adding("try", problem.advice))
    }
    var frame = Frame(size: unit.frameSize, place: place)
    bindGivenNames(of: unit, in: &frame)
    for parameter in unit.parameters {
      do throws(Failure) {
        let value = try evaluate(parameter.value, &frame)
        frame.locals[parameter.variable.slot] = value
        guard let text = arguments[parameter.name], !value.isLater, value.parsedAlike(text) == nil else { continue }
        let problem = CheckProblem.badParameterValue(parameter.name, expected: value.takenWithArticle)
        let shown = unit.secretParameters.contains(parameter.name) ? "•••" : text
        problems.append(
          Diagnostic(problem.title + ", not `\(shown)`", at: Location(unit.file, parameter.span))
            .adding("try", problem.advice))
      } catch {
        problems += error.diagnostics
      }
    }
    return problems
  }

  func bindGivenNames(of unit: Unit, in frame: inout Frame) {
    for (name, slot) in unit.given {
      if name == "clusters" {
        frame.locals[slot] = .list(clusters.map(Value.cluster))
      } else if let constant = program.vocabulary.constants.first(where: { $0.name == name }) {
        frame.locals[slot] = constant.value()
      }
    }
  }

  /// The values of a library's names; its lets are evaluated the first time.
  func library(_ unit: Unit, _ place: Place) throws(Failure) -> [Value] {
    if let known = libraries.withLock({ $0[unit.index] }) { return known }
    var place = place
    place.unit = unit
    place.isFileLevel = true
    var frame = Frame(size: unit.frameSize, place: place)
    let kept = keptLibraries[unit.index]
    if let kept { frame.locals = kept.values }
    bindGivenNames(of: unit, in: &frame)
    do throws(Failure) {
      if let kept {
        let end = ResumePoint(statement: unit.body.statements.count, inner: .again, locals: nil)
        try reread(unit.body, at: end, kept.heldBack, &frame)
      } else {
        _ = try execute(unit.body, &frame)
      }
    } catch {
      throw error.with(trail: .lost)
    }
    let values = frame.locals
    libraries.withLock { $0[unit.index] = values }
    return values
  }

  /// The frames of the libraries that have been brought in, for the next input of a session.
  var libraryFrames: [Int: [Value]] { libraries.withLock { $0 } }

  /// The values of the libraries that are known by now, for a run that goes on from here.
  var libraryValues: [Int: StoredLocals] {
    let known = libraries.withLock { $0 }
    return keptLibraries.merging(known.mapValues { StoredLocals($0) }) { _, new in new }
  }

  // MARK: Reports

  func emit(_ kind: Event.Kind, _ frame: borrowing Frame) {
    guard plan == nil else { return }
    host.observe(Event(lane: frame.place.lane, cluster: frame.place.cluster, kind: kind))
  }

  func location(_ span: Span, _ frame: borrowing Frame) -> Location { Location(frame.place.unit.file, span) }

  func failure(
    _ kind: Failure.Kind, _ title: String, _ span: Span, _ frame: borrowing Frame, advice: String? = nil
  ) -> Failure {
    Failure(kind, Text(title), at: location(span, frame), notes: advice.map { [("try", Text($0))] } ?? [])
  }

  func failure(_ problem: ValueProblem, _ span: Span, _ frame: borrowing Frame) -> Failure {
    if problem.kind == .outOfTime, let reason = reasonToEnd(span, frame) { return reason }
    return failure(problem.kind == .missing ? .missing : .value, problem.message, span, frame, advice: problem.advice)
  }

  /// Refuses to go on if the run is being stopped or the limit around has passed.
  func checkGoingOn(_ span: Span, _ frame: borrowing Frame) throws(Failure) {
    if let reason = reasonToEnd(span, frame) { throw reason }
  }

  private func reasonToEnd(_ span: Span, _ frame: borrowing Frame) -> Failure? {
    switch frame.place.stop.request {
    case .none: break
    case .windDown: return failure(.stopped, "stopped, because another lane failed", span, frame)
    case .interrupt, .kill: return failure(.interrupted, "interrupted", span, frame)
    }
    guard let deadline = frame.place.deadline, deadline.hasPassed else { return nil }
    return timeOut("the time is over", deadline, span, frame)
  }

  /// Tasks and recipes that call each other take stack.
  func checkStack(_ span: Span, _ frame: borrowing Frame) throws(Failure) {
    var here: UInt8 = 0
    let address = withUnsafePointer(to: &here) { UInt(bitPattern: $0) }
    if address < frame.place.stackFloor {
      throw failure(.misuse, "tasks and recipes call each other too deeply", span, frame, advice: "join some of them")
    }
  }

  func timeOut(
    _ title: String, _ deadline: Deadline, _ span: Span, _ frame: borrowing Frame,
    notes: [(kind: String, text: Text)] = [], values: [Diagnostic.ShownValue] = [], label: Text? = nil,
    details: FailureDetails? = nil
  ) -> Failure {
    Failure(
      .timeOut, Text(title), at: location(span, frame), label: label,
      notes: notes + [("the limit", Text(deadline.limit))], values: values, deadline: deadline,
      details: details)
  }
}
