import Interpreter
import SandboxRuntime

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What is there to be named on a command line. Nothing is run to find it out, and whatever can't be read is left out.
enum Surroundings {
  private static var environment: [String: String] { ProcessInfo.processInfo.environment }

  /// The clusters of the local target that exist.
  static var clusters: [String] {
    guard let home = try? Home.folder() else { return [] }
    return LocalTarget(home: home, clusters: [], environment: environment).existingClusters().sorted()
  }

  /// A recipe as far as it can be read, however broken it is.
  static func program(_ path: String) -> Program? {
    Program.check(RecipeChoice(path).path, vocabulary: .ofNbx(purpose: "nbx"), read: RecipeFiles.read).program
  }

  /// The recipes in a folder and the folders in it, by their names.
  static func recipes(in folder: String) -> [(name: String, isFolder: Bool)] {
    let home = environment["HOME"] ?? ""
    let path = folder.hasPrefix("~/") ? home + folder.dropFirst() : folder
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.filter { !$0.hasPrefix(".") }.sorted().compactMap { name in
      let isFolder = RecipeFiles.isFolder("\(path)/\(name)")
      return isFolder || name.hasSuffix(".nbx") ? (name, isFolder) : nil
    }
  }

  /// The contexts that kubectl knows, if it says so while somebody waits for them.
  static var kubeContexts: [String] {
    KubeContexts.names(environment: environment, within: .seconds(1)) ?? []
  }
}
