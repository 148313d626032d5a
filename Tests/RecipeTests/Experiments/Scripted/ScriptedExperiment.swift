import Foundation
import Interpreter
import TestSupport
import Testing

/// An experiment on a scripted supercluster of its own. What it leaves there is reported.
struct ScriptedExperiment {
  let name: String
  /// Parameters that hold for every run of it, as `calm=1s`.
  let usual: [String]
  /// Limits in the recipe that are shorter here, where nobody has to be waited for.
  var shortened: KeyValuePairs<String, String> = [:]

  func run(
    _ arguments: [String] = [], replacing text: String = "", with replacement: String = "", in file: String? = nil,
    interruptOnceItSays moment: String? = nil, sourceLocation place: SourceLocation = #_sourceLocation
  ) throws -> ScriptedSupercluster.Ended {
    let supercluster = ScriptedSupercluster(interruptOnceItSays: moment)
    let path = "experiments/\(name).nbx"
    let ended = try supercluster.run(path, usual + arguments) { place, original in
      var recipe = original
      if place == path { recipe = try recipe.replacing(shortened, in: place) }
      if !text.isEmpty, place == file ?? path { recipe = try recipe.replacing([text: replacement], in: place) }
      return recipe
    }
    if moment != nil {
      #expect(ended.status == 130, "it came to its end: \(ended.errorOutput)", sourceLocation: place)
    }
    #expect(supercluster.leftovers == [], "\(ended.errorOutput)", sourceLocation: place)
    return ended
  }
}

extension ScriptedSupercluster {
  /// - Parameters:
  ///   - path: under `recipes`.
  ///   - change: gives the text that is run in the place of a file's own.
  func run(
    _ path: String, _ arguments: [String], changing change: (_ file: String, _ text: String) throws -> String
  ) throws -> Ended {
    let folder = NbxProgram.repository + "/recipes/"
    return run(
      try load(folder + path) { file in
        try change(String(file.dropFirst(folder.count)), String(contentsOfFile: file, encoding: .utf8))
      }, parsed(arguments))
  }

  /// A recipe whose text is at hand.
  func run(text: String, _ arguments: [String] = []) throws -> Ended {
    run(try load("recipe.nbx") { _ in text }, parsed(arguments))
  }

  private func load(_ path: String, _ read: (String) throws -> String) throws -> Program {
    do throws(ProgramErrors) {
      return try Program.load(path, vocabulary: Vocabulary(host: self)) { file in
        do { return .success(Array(try read(file).utf8)) } catch { return .failure(FileProblem("\(error)")) }
      }
    } catch {
      throw TestServerError(description: error.diagnostics.map { $0.rendered(.plain) }.joined(separator: "\n"))
    }
  }

  /// Of two that name the same parameter the second one counts: what a test says, in place of what its suite usually does.
  private func parsed(_ arguments: [String]) -> [String: String] {
    let pairs = arguments.map { argument in
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (String(parts[0]), String(parts.last ?? ""))
    }
    return Dictionary(pairs) { $1 }
  }
}
