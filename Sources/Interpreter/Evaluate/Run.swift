import Lexer

/// One run of a program.
public struct Run: Sendable {
  let program: Program
  let host: any Host
  let clusters: [Cluster]
  let arguments: [String: String]
  let part: RunPart
  let stop: StopSignal

  /// How a run ended.
  public enum Ending: Sendable {
    case done
    case skipped(reason: String)
    case failed(Failure)
    case interrupted(Failure)
    /// The command line does not fit the recipe; nothing was run.
    case refused([Diagnostic])
  }

  /// - Parameters:
  ///   - clusters: the names on the command line; none for the recipe's own.
  ///   - arguments: parameters by name, as text.
  ///   - part: which part of the recipe is run.
  public init(
    _ program: Program, host: any Host, clusters: [String] = [], arguments: [String: String] = [:],
    part: RunPart = .whole, stop: StopSignal = StopSignal()
  ) {
    self.program = program
    self.host = host
    let names = clusters.isEmpty ? program.main.clusters : clusters
    self.clusters = names.enumerated().map { host.cluster(named: $1, index: $0) }
    self.arguments = arguments
    self.part = part
    self.stop = stop
  }

  /// Runs the recipe to its end. Its defers have run when this returns.
  public func execute() -> Ending {
    ending(
      of: Evaluator(
        program: program, host: host, clusters: clusters, secrets: SecretRegistry(),
        keptLibraries: resumption?.libraries ?? [:]))
  }

  /// Goes through the recipe without running any command, and gives what it would do, as far as that goes: the ending
  /// tells whether it would fail for sure.
  public func plan() -> (plan: Plan, ending: Ending) { plan(in: PlanRecorder()) }

  func plan(in recorder: PlanRecorder) -> (plan: Plan, ending: Ending) {
    let evaluator = Evaluator(
      program: program, host: host, clusters: clusters, secrets: SecretRegistry(), plan: recorder,
      keptLibraries: resumption?.libraries ?? [:])
    let ending = ending(of: evaluator)
    return (recorder.plan, ending)
  }

  private func ending(of evaluator: Evaluator) -> Ending {
    // Evaluation goes as deep as the recipe is nested; the main thread's stack may be small.
    return LaneThread.run {
      var place = Place(unit: program.main, cluster: clusters.first, stop: stop)
      place.stackFloor = LaneThread.stackFloor
      let wrong = evaluator.problems(with: arguments, of: program.main, place) + problemsOfPart
      guard wrong.isEmpty else { return .refused(wrong) }
      if evaluator.plan == nil, let missing = program.missing(on: host) { return .refused([missing]) }
      let strangers = program.strangers(to: clusters, host)
      guard strangers.isEmpty else { return .refused(strangers) }
      place.search = search
      do throws(Failure) {
        try evaluator.run(
          program.main, arguments: arguments.mapValues(Value.string), place, from: resumption?.point)
        if let search = place.search, !search.isFound { return .failed(notReached(search.name)) }
        return .done
      } catch {
        switch error.kind {
        case .skipped: return .skipped(reason: error.title.masked)
        case .interrupted, .stopped: return .interrupted(ended(error, evaluator))
        default: return .failed(ended(error, evaluator))
        }
      }
    }
  }

  /// The failure with all that is needed to take the run up.
  private func ended(_ failure: Failure, _ evaluator: Evaluator) -> Failure {
    failure.with(libraries: evaluator.libraryValues, secrets: evaluator.secrets)
  }

  // MARK: The part that is run

  /// The clusters that the run has, in their order.
  public var allClusters: [Cluster] { clusters }

  private var resumption: Resumption? { if case .rest(let resumption) = part { resumption } else { nil } }

  private var search: StepSearch? {
    switch part {
    case .whole, .rest: nil
    case .from(let step): StepSearch(step, isOnly: false)
    case .only(let step): StepSearch(step, isOnly: true)
    }
  }

  private var problemsOfPart: [Diagnostic] {
    if let resumption, !resumption.fits(program) {
      let title = "what the last run of \(program.main.file.path) left does not fit it"
      return [Diagnostic(title, at: nil).adding("try", "run it from its start, without --resume")]
    }
    guard let name = search?.name else { return [] }
    let mayBeThere = program.main.body.statements.contains { $0.mayHoldStep(name) }
    return mayBeThere ? [] : [notFound(name)]
  }

  /// The text has no such step: nothing has to be run to see that.
  private func notFound(_ name: String) -> Diagnostic {
    let names = program.stepNames
    let advice =
      nearestSpelling(to: name, among: names).map { "did you mean \"\($0)\"?" }
      ?? (names.isEmpty ? "the recipe has no steps" : "its steps: \(names.joined(separator: ", "))")
    return Diagnostic("\(program.main.file.path) has no step \"\(name)\"", at: nil).adding("try", advice)
  }

  /// The step may be there, but what was run did not lead to it.
  private func notReached(_ name: String) -> Failure {
    let places = program.steps(named: name)
    let label =
      places.first?.name == nil
      ? "its name is made up on the way, and was never that" : "it is in the recipe, but the run did not come to it"
    let others = program.stepNames.filter { $0 != name && !places.compactMap(\.name).contains($0) }
    return Failure(
      .stated, Text("the step \"\(name)\" was not reached"),
      at: places.first?.location ?? Location(program.main.file, program.main.body.span), label: Text(label),
      notes: others.isEmpty ? [] : [("try", Text("its other steps: \(others.joined(separator: ", "))"))])
  }
}
