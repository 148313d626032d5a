import Interpreter
import Lexer
import SandboxSystem

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What a failed or interrupted run leaves behind, so that `--resume` can take it up: one file a recipe, below nbx's
/// home, for its owner's eyes only. No secret is in it.
package struct RunJournal: Sendable {
  /// Why nothing can be taken up by an nbx that has no home.
  package static let noHome = Problem(
    "nbx has no home to look in", advice: "set NBX_HOME to a folder of yours")

  private let path: String
  private let recipe: String

  /// - Parameters:
  ///   - home: nbx's home, see `Home`.
  ///   - recipe: the recipe as the user names it.
  ///   - file: what it is read by, if that is not its name.
  package init(home: String, recipe: String, path file: String? = nil) {
    // However the file is named.
    let whole = Paths.resolved(file ?? recipe) ?? file ?? recipe
    path = "\(home)/unfinished/\(String(stableHash(whole), radix: 16)).json"
    self.recipe = recipe
  }

  /// Keeps what an unfinished run has left, in place of what an earlier one had.
  ///
  /// - Parameter isStopped: asked again and again; once it is true, nothing is kept.
  /// - Throws: why nothing is kept.
  package func keep(
    _ resumption: Resumption, of program: Program, _ request: RunRequest, target: String?,
    unless isStopped: @escaping () -> Bool
  ) throws(Problem) {
    let point: Value
    do throws(Resumption.Obstacle) {
      point = try resumption.packed(unless: isStopped)
    } catch {
      // What an earlier run has left is not where this one stopped.
      unlink(path)
      switch error {
      case .tooLarge:
        let most = Resumption.mostBytes >> 20
        throw Problem(
          "the values that it holds take more than \(most) MiB",
          advice: "run it from its start, or begin with a step: --from STEP")
      case .stopped: throw Problem("interrupted while its values were being written")
      }
    }
    let entries: [(String, Value)] =
      [("recipe", .string(recipe)), ("text", .string(RunJournal.fingerprint(of: program)))]
      + KeptRequest(request).packed + [
        ("target", target.map(Value.string) ?? .null), ("sum", .string(RunJournal.sum(of: point))), ("point", point),
      ]
    let packed = Value.map(ValueMap(entries))
    do throws(MachineError) {
      try Folders.make(Paths.folder(of: path))
      try AtomicFile.write(Array(packed.json().string.utf8), to: path)
    } catch {
      throw error.problem
    }
  }

  /// Takes the file away: the recipe has run to its end. What a run with other clusters or arguments left stays.
  package func forget(_ request: RunRequest) {
    guard let bytes = Paths.bytes(at: path) else { return }
    if case .map(let map)? = try? Value.json(bytes) {
      let kept = KeptRequest(packed: map)
      guard kept.open == request.open else { return }
      if case .other = kept.comparison(with: request) { return }
    }
    unlink(path)
  }

  /// What the last unfinished run of the recipe has left.
  ///
  /// - Throws: a problem if there is none, or if it was of another text or with other arguments.
  package func resumption(
    of program: Program, _ request: RunRequest, clusters: [Cluster]
  ) throws(Problem) -> (resumption: Resumption, target: String?) {
    guard let bytes = Paths.bytes(at: path) else {
      throw Problem(
        "no run of \(recipe) has left anything to take up",
        advice: "run it from its start, without --resume: one that ended well, or failed in its first statement, "
          + "leaves nothing")
    }
    guard case .map(let map)? = try? Value.json(bytes), let packed = map["point"],
      map["sum"]?.asText?.string == RunJournal.sum(of: packed)
    else { throw damaged }
    guard map["text"]?.asText?.string == RunJournal.fingerprint(of: program) else {
      throw Problem(
        "\(recipe), or a file that it uses, has changed since the run that stopped",
        advice: "run it from its start, or name a step: --from STEP")
    }
    try check(request, map)
    guard let resumption = Resumption(packed: packed, clusters: clusters) else { throw damaged }
    return (resumption, map["target"]?.asText?.string)
  }

  /// Keeps every other nbx from taking the same run up meanwhile: what it does next would be done twice.
  ///
  /// - Throws: a problem while another does.
  package func turn() throws(Problem) -> FileLock? {
    guard access(path, F_OK) == 0 else { return nil }
    let lock = "\(path).lock"
    let turn: FileLock?
    do throws(MachineError) {
      turn = try FileLock.tryAcquire(lock, for: "nbx run \(recipe) --resume")
    } catch {
      throw Problem(error.reason, advice: "run the recipe from its start")
    }
    guard let turn else {
      throw Problem(
        "another nbx is taking the run up: \(FileLock.holder(of: lock))",
        advice: "let it finish; if it stops again, --resume goes on from there")
    }
    return turn
  }

  private var damaged: Problem {
    Problem("what the last run left can't be read: \(path)", advice: "run the recipe from its start")
  }

  private func check(_ request: RunRequest, _ map: ValueMap) throws(Problem) {
    let kept = KeptRequest(packed: map)
    let advice =
      kept.open.command(of: recipe) + (kept.open.advice.map { " (\($0))" } ?? "") + "; or run it from its start"
    guard kept.open == request.open else {
      throw Problem("the run that stopped had other clusters, arguments or contexts", advice: advice)
    }
    switch kept.comparison(with: request) {
    case .same: break
    case .other(let name): throw Problem("the run that stopped had another `\(name)`", advice: advice)
    case .unknown(let name):
      throw Problem(
        "without the program openssl nbx can't tell whether `\(name)` is that of the run that stopped",
        advice: "install openssl, or run it from its start, without --resume")
    }
  }

  /// Tells whether the file is as it was written.
  private static func sum(of point: Value) -> String { String(stableHash(point.json().string), radix: 16) }

  /// Changes with any letter of the recipe and of the files that it uses and runs.
  private static func fingerprint(of program: Program) -> String {
    let texts = program.units.map { String(decoding: $0.file.bytes, as: UTF8.self) }
    return String(stableHash(texts.joined(separator: "\u{0}")), radix: 16)
  }
}
