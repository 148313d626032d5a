import Lexer

/// One run of a program.
public struct Run: Sendable {
  let program: Program
  let host: any Host
  let clusters: [Cluster]
  let arguments: [String: String]
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
  public init(
    _ program: Program, host: any Host, clusters: [String] = [], arguments: [String: String] = [:],
    stop: StopSignal = StopSignal()
  ) {
    self.program = program
    self.host = host
    let names = clusters.isEmpty ? program.main.clusters : clusters
    self.clusters = names.enumerated().map { host.cluster(named: $1, index: $0) }
    self.arguments = arguments
    self.stop = stop
  }

  /// Runs the recipe to its end. Its defers have run when this returns.
  public func execute() -> Ending {
    let evaluator = Evaluator(program: program, host: host, clusters: clusters, secrets: SecretRegistry())
    let place = Place(unit: program.main, cluster: clusters.first, stop: stop)
    let wrong = evaluator.problems(with: arguments, of: program.main)
    guard wrong.isEmpty else { return .refused(wrong) }
    // Evaluation goes as deep as the recipe is nested; the main thread's stack may be small.
    let outcome = LaneThread.run { () -> Result<Void, Failure> in
      do throws(Failure) {
        try evaluator.run(program.main, arguments: arguments.mapValues(Value.string), place)
        return .success(())
      } catch {
        return .failure(error)
      }
    }
    switch outcome {
    case .success: return .done
    case .failure(let failure):
      switch failure.kind {
      case .skipped: return .skipped(reason: failure.title.masked)
      case .interrupted, .stopped: return .interrupted(failure)
      default: return .failed(failure)
      }
    }
  }
}
