import Interpreter
import SandboxKubernetes
import SandboxLocal
import SandboxSystem
import ShippedRecipes

/// What there is that words of nbx's command line may name.
enum CommandLineOffers {
  // MARK: Recipes

  /// Files, and the recipes that are in nbx: up to the next slash, as folders are.
  static let recipes = Offers { typed, _, _ in
    var offers = paths(typed)
    var offered = Set(offers.map(\.word))
    for name in ShippedRecipes.names where name.hasPrefix(typed) {
      let rest = name.dropFirst(typed.count)
      let word = typed + rest.prefix { $0 != "/" } + (rest.contains("/") ? "/" : "")
      if offered.insert(word).inserted { offers.append(Offer(word, "in nbx")) }
    }
    return offers
  }

  /// Recipes and the folders on the way to them.
  static let paths = Offers { typed, _, _ in paths(typed) }

  private static func paths(_ typed: String) -> [Offer] {
    entries(typed).map { folder, entry in Offer(folder + entry.name + (entry.isFolder ? "/" : "")) }
  }

  static let folders = Offers { typed, _, _ in
    entries(typed).filter(\.entry.isFolder).map { folder, entry in Offer("\(folder)\(entry.name)/") }
  }

  private static func entries(_ typed: String) -> [(folder: String, entry: (name: String, isFolder: Bool))] {
    let folder = typed.lastIndex(of: "/").map { String(typed[...$0]) } ?? ""
    return Surroundings.recipes(in: folder.isEmpty ? "." : folder).map { (folder, $0) }
  }

  // MARK: What a recipe has

  /// The clusters that are there, and the recipe's own.
  static let clusters = Offers { _, call, _ in
    let given = Set(call.words.strings())
    return allClusters(call).filter { !given.contains($0) }.map { Offer($0, "cluster") }
  }

  static let parameters = Offers { typed, call, _ in
    let parameters = program(of: call)?.main.parameters ?? []
    if let equals = typed.firstIndex(of: "=") {
      let name = String(typed[..<equals])
      guard let parameter = parameters.first(where: { $0.name == name }), case .literal(.bool) = parameter.value.form
      else { return [] }
      return ["true", "false"].map { Offer("\(name)=\($0)") }
    }
    let given = Set(call.words.assignments.map(\.name))
    return parameters.filter { !given.contains($0.name) }.map { Offer($0.name + "=", $0.help) }
  }

  static let steps = Offers { _, call, _ in program(of: call)?.stepNames.map { Offer($0, "step") } ?? [] }

  static let contexts = Offers { typed, call, _ in
    allClusters(call).flatMap { cluster in
      typed.hasPrefix("\(cluster)=")
        ? Surroundings.kubeContexts.map { Offer("\(cluster)=\($0)", "kube context") }
        : [Offer("\(cluster)=", "cluster")]
    }
  }

  /// Of a call that names a recipe.
  private static func program(of call: Reading) -> Program? {
    guard call.words.form.positionals.first?.name == "RECIPE", let word = call.words.positional(0) else { return nil }
    return Surroundings.program(word.string)
  }

  private static func allClusters(_ call: Reading) -> [String] {
    var seen: Set<String> = []
    return (Surroundings.clusters + (program(of: call)?.main.clusters ?? [])).filter { seen.insert($0).inserted }
  }
}

/// What is there to be named on a command line. Nothing is run to find it out, and whatever can't be read is left out.
enum Surroundings {
  private static var environment: [String: String] { ownEnvironment }

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
    let path = Paths.withoutTilde(folder)
    return StateFile.names(in: path).compactMap { name in
      let isFolder = RecipeFiles.isFolder("\(path)/\(name)")
      return isFolder || name.hasSuffix(".nbx") ? (name, isFolder) : nil
    }
  }

  /// The contexts that kubectl knows, if it says so while somebody waits for them.
  static var kubeContexts: [String] {
    KubeContexts.names(environment: environment, within: .seconds(1)) ?? []
  }
}
