import Lexer
// Whoever runs a program brings commands and reads values.
@_exported import ValuesAndCommands

/// Statements that are given one after the other, as in a REPL: what they bind stays, and what they defer is done at the
/// end. To be used by one thread at a time.
public final class Session: @unchecked Sendable {
  /// What came of an input.
  public struct Answer: Sendable {
    /// How it ended.
    public let ending: Run.Ending
    /// What the last statement gives, if it is an expression that says nothing by itself.
    public let value: Value?
    /// What is worth knowing beside it.
    public let warnings: [Diagnostic]

    init(_ ending: Run.Ending, value: Value? = nil, warnings: [Diagnostic] = []) {
      self.ending = ending
      self.value = value
      self.warnings = warnings
    }
  }

  /// The words that an input may use.
  public let vocabulary: Vocabulary
  let host: any Host
  let read: (String) -> Result<[UInt8], FileProblem>
  /// The clusters of the command line; they come before those that a recipe names.
  private let given: [String]
  private let chooseClusters: ([String]) -> [String]
  /// Nil until a statement needs them.
  private(set) var clusters: [Cluster]?

  // What the inputs so far have left.
  var units: [Unit] = []
  var names: NameTable
  var scope = SessionScope()
  var frame: Frame?
  var libraries: [Int: [Value]] = [:]
  var deferred: [(unit: Unit, block: Block)] = []
  var good = GoodStatements()
  /// The secrets that inputs so far have met.
  public let secrets = SecretRegistry()

  /// - Parameters:
  ///   - clusters: the names that the command line gives.
  ///   - chooseClusters: gives the clusters to work on, for those that the command line or an input names, if any; asked
  ///     once, when a statement needs to know.
  ///   - read: gives the bytes of a file, or says why it can't.
  public init(
    host: any Host, clusters: [String], chooseClusters: @escaping ([String]) -> [String],
    read: @escaping (String) -> Result<[UInt8], FileProblem>
  ) {
    self.host = host
    vocabulary = Vocabulary(host: host)
    names = vocabulary.names
    given = clusters
    self.chooseClusters = chooseClusters
    self.read = read
  }

  /// Checks the statements of an input, and runs them if nothing is wrong with them.
  ///
  /// - Parameters:
  ///   - path: what messages call the input; paths that it names start from the folder of this one.
  ///   - firstLine: the number of its first line there.
  ///   - stop: tells whether to go on.
  public func run(_ text: String, path: String = "<repl>", firstLine: Int = 1, stop: StopSignal) -> Answer {
    run(SourceFile(path: path, bytes: Array(text.utf8), firstLine: firstLine), stop: stop)
  }

  /// Runs the statements of a recipe. What they bind stays.
  public func load(_ path: String, stop: StopSignal) -> Answer {
    switch read(path) {
    case .success(let bytes): run(SourceFile(path: path, bytes: bytes), stop: stop)
    case .failure(let problem): Answer(.refused([problem.diagnostic(of: path)]))
    }
  }

  /// Reads and checks an input; nothing of the session changes.
  func checked(_ file: SourceFile) -> Result<SessionInput, ProgramErrors> {
    var loader = ProgramLoader(vocabulary: vocabulary, names: names, units: units, session: scope)
    let unit = loader.take(file, isInput: true, read: read)
    guard loader.diagnostics.isEmpty, let after = loader.session else {
      takeBack(unit)
      return .failure(ProgramErrors(diagnostics: loader.sortedDiagnostics))
    }
    return .success(
      SessionInput(
        unit: unit, after: after, names: loader.names, units: loader.units,
        program: Program(units: Array(loader.units[units.count...]), vocabulary: vocabulary, names: loader.names)))
  }

  /// Forgets a unit that was checked and is not run: the session's tasks call each other again, and none of its own.
  func takeBack(_ unit: Unit) {
    guard !scope.kept(beside: unit).isEmpty else { return }
    _ = Resolver.tasksThatNoLongerFit(scope, vocabulary: vocabulary, names: names)
  }

  /// The clusters, which are looked for when an input first needs them.
  ///
  /// - Throws: if the input names others than those that the session has.
  func clusters(for input: SessionInput) throws(ProgramErrors) -> [Cluster] {
    let unit = input.unit
    if let clusters {
      let names = clusters.map(\.name)
      guard given.isEmpty, !unit.clusters.isEmpty, unit.clusters != names else { return clusters }
      takeBack(unit)
      let title = "the session works on \(names.joined(separator: ", ")) already"
      throw ProgramErrors(diagnostics: [
        Diagnostic(title, at: unit.titleSpan.map { Location(unit.file, $0) })
          .adding("try", "begin another: nbx repl \(unit.clusters.joined(separator: " "))")
      ])
    }
    let bringsIn = !unit.runs.isEmpty || !unit.uses.isEmpty
    let isNeeded = unit.usedCommands.contains(true) || !unit.given.isEmpty || !unit.clusters.isEmpty || bringsIn
    guard isNeeded else { return [] }
    let names = chooseClusters(given.isEmpty ? unit.clusters : given)
    let found = names.enumerated().map { host.cluster(named: $1, index: $0) }
    clusters = found
    return found
  }

  /// The names of the clusters, as far as they are known by now.
  public var clusterNames: [String] { clusters?.map(\.name) ?? given }
}

/// An input that has been read and checked.
struct SessionInput: Sendable {
  let unit: Unit
  /// What it leaves, if all of it is run.
  let after: SessionScope
  let names: NameTable
  /// All of the session's files, those of the input last.
  let units: [Unit]
  /// The input with the files that it brings in.
  let program: Program
}

/// A name that a session knows.
public struct SessionName: Sendable {
  /// How a name came to be.
  public enum Kind: String, Sendable { case `let`, `var`, task }

  /// The name.
  public let name: String
  /// How it came to be.
  public let kind: Kind
  /// Null for a task.
  public let value: Value
  /// Of a task: how it is called.
  public let call: String
}

extension Session {
  /// What the inputs have bound, by name.
  public var boundNames: [SessionName] {
    let locals = frame?.locals ?? []
    var found: [SessionName] = scope.scope.symbols.compactMap { symbol in
      guard let binding = scope.scope[symbol], !binding.isGiven, binding.slot < locals.count else { return nil }
      return SessionName(
        name: names[symbol], kind: binding.isVar ? .var : .let, value: locals[binding.slot], call: "")
    }
    for task in scope.tasks.compactMap({ $0 }) {
      let parameters = task.parameters.map { parameter in
        names[parameter.variable.symbol] + (parameter.value == nil ? "" : " = …")
      }
      found.append(
        SessionName(
          name: task.name, kind: .task, value: .null, call: "\(task.name)(\(parameters.joined(separator: ", ")))"))
    }
    return found.sorted { $0.name < $1.name }
  }

  /// Goes through statements without running any command. Nothing of the session changes.
  ///
  /// - Parameter firstLine: as of `run`.
  public func plan(_ text: String, firstLine: Int = 1, stop: StopSignal) -> (plan: Plan, ending: Run.Ending) {
    let input: SessionInput
    let clusters: [Cluster]
    do throws(ProgramErrors) {
      input = try checked(SourceFile(path: "<repl>", bytes: Array(text.utf8), firstLine: firstLine)).get()
      clusters = try self.clusters(for: input)
    } catch {
      return (PlanRecorder().plan, .refused(error.diagnostics))
    }
    defer { takeBack(input.unit) }
    let strangers = input.program.strangers(to: clusters, host)
    guard strangers.isEmpty else { return (PlanRecorder().plan, .refused(strangers)) }
    return LaneThread.run { self.plan(input, on: clusters, stop: stop) }
  }

  private func plan(_ input: SessionInput, on clusters: [Cluster], stop: StopSignal) -> (Plan, Run.Ending) {
    let recorder = PlanRecorder()
    let evaluator = Evaluator(
      program: Program(units: input.units, vocabulary: vocabulary, names: input.names), host: host, clusters: clusters,
      secrets: secrets, plan: recorder, libraries: libraries)
    var frame = startingFrame(for: input, on: clusters, stop: stop)
    do throws(Failure) {
      evaluator.bindGivenNames(of: input.unit, in: &frame)
      for parameter in input.unit.parameters { try evaluator.bind(parameter, [:], &frame) }
      _ = try evaluator.execute(input.unit.body, &frame)
      return (recorder.plan, .done)
    } catch {
      switch error.kind {
      case .skipped: return (recorder.plan, .skipped(reason: error.title.masked))
      case .interrupted, .stopped: return (recorder.plan, .interrupted(error))
      default: return (recorder.plan, .failed(error))
      }
    }
  }
}

/// What went well in a session, as a recipe without errors.
public struct SavedRecipe: Sendable {
  /// The recipe.
  public let text: String
  /// How many statements it holds as comments only, each with the reason.
  public let leftOutCount: Int
  /// How many statements name files that may be others from the recipe's folder; comments say which.
  public let unclearPathCount: Int
}

extension Session {
  /// The session's good statements as a recipe that has no errors. What can't be part of one, or would not do there what
  /// it did in the session, is left in as a comment.
  ///
  /// - Parameters:
  ///   - path: the file that it is for: the files that it names are named from there.
  ///   - workingFolder: where the session runs, absolute.
  public func recipe(for path: String, workingFolder: String) -> SavedRecipe {
    var writer = RecipeWriter(path: path, workingFolder: workingFolder, names: names, vocabulary: vocabulary)
    var chunks = writer.chunks(of: good, clusters: clusterNames) { head in
      (try? Program.parse(head, vocabulary: vocabulary)) != nil
    }
    while true {
      let text = RecipeWriter.text(of: chunks)
      var isRight = true
      for (line, reason) in problems(in: text, path: path) {
        guard let place = RecipeWriter.place(ofLine: line, in: chunks), chunks[place].reason == nil else { continue }
        chunks[place].reason = reason
        isRight = false
      }
      guard isRight else { continue }
      let file = SourceFile(path: path, text: text)
      return SavedRecipe(
        text: (try? RecipeFormatter.format(file, vocabulary: vocabulary)).map { String(decoding: $0, as: UTF8.self) }
          ?? text,
        leftOutCount: chunks.count { $0.reason != nil },
        unclearPathCount: chunks.count { $0.reason == nil && $0.note != nil })
    }
  }

  /// What is wrong in a recipe, by lines.
  private func problems(in text: String, path: String) -> [(line: Int, title: String)] {
    let own = normalized(path)
    do throws(ProgramErrors) {
      _ = try Program.load(path, vocabulary: vocabulary) { asked in
        asked == own ? .success(Array(text.utf8)) : self.read(asked)
      }
      return []
    } catch {
      return error.diagnostics.compactMap { diagnostic in
        guard let location = diagnostic.location, location.file.path == own else { return nil }
        return (location.file.position(of: Int(location.span.start)).line, diagnostic.title)
      }
    }
  }
}
