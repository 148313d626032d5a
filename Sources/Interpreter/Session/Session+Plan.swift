import Lexer

extension Session {
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
