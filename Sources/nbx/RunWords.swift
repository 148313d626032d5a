import Interpreter
import SandboxRuntime
import SandboxSystem

/// What the words of `nbx run` and `nbx plan` say.
struct RunWords {
  private let words: ParsedWords

  let recipe: String
  let clusters: [String]
  let parameters: [String: String]
  let target: String?
  /// Kube contexts by cluster.
  let contexts: [String: String]

  var from: String? { words.string("--from") }
  var only: String? { words.string("--only") }
  var resumes: Bool { words.has("--resume") }

  init(_ words: ParsedWords) {
    self.words = words
    recipe = words.positional(0)?.string ?? ""
    clusters = words.strings(from: 1)
    parameters = Dictionary(words.assignments.map { ($0.name, $0.value.string) }, uniquingKeysWith: { _, last in last })
    target = words.target
    contexts = words.contexts
  }

  /// The files that tell of the run, each with its form.
  func reports() throws(Usage) -> [(file: String, form: RunReport)] {
    var reports: [(file: String, form: RunReport)] = []
    for file in words.all("--report").map(\.string) {
      guard let form = RunReport(file: file) else {
        throw Usage(
          message: "`--report` takes a file whose name ends in .html, .json or .xml, not `\(file)`",
          advice: "nbx run \(recipe) --report run.html")
      }
      reports.append((file, form))
    }
    return reports
  }

  /// The form of both of them.
  ///
  /// - Parameter flags: those that it alone has.
  static func form(_ name: String, _ summary: String, flags: [Flag] = []) -> CommandForm {
    .subcommand(
      name, summary,
      [
        Positional(
          "RECIPE",
          help: "a file, or the name of a recipe that is in nbx, as install; `nbx list` lists them. A file of that "
            + "name, with or without .nbx, comes first; - is standard input",
          offers: CommandLineOffers.recipes),
        CommonPositionals.clusters("the clusters to run with, in place of the recipe's own"),
      ],
      assignments: Positional(
        "NAME=VALUE", optional: true, repeated: true,
        help: "a parameter of the recipe; `nbx run RECIPE --help` lists them", offers: CommandLineOffers.parameters),
      flags: flags + [
        CommonFlags.target, CommonFlags.context,
        Flag(
          "--from", .text,
          "begins with the step of that name. Names are bound as always; all else before the step is passed over. A "
            + "recipe that is run as a step goes by its title or file",
          value: "STEP", offers: CommandLineOffers.steps),
        Flag(
          "--only", .text, "runs the step of that name alone; names before it are bound as always", value: "STEP",
          offers: CommandLineOffers.steps),
        Flag(
          "--resume", .toggle,
          "takes up the last run of the recipe that failed or was interrupted: with the step that was not done, and "
            + "the values bound before it"),
      ], atMostOneOf: ["--from", "--only", "--resume"], example: "nbx \(name) install c1 c2 c3"
    ) { $0.repetition(ofClustersFrom: 1) }
  }

  /// Shows the recipe's own help if it was asked for.
  func showedHelp(of program: Program) -> Bool {
    let isAsked = words.has(CommonFlags.help.name)
    if isAsked { Terminal.standardOutput.write(RecipeHelp.text(of: program)) }
    return isAsked
  }
}

extension RunWords {
  /// Refuses what nbx shows in place of a secret as an argument: whoever copies a command would run with that for a
  /// password.
  ///
  /// - Parameter secrets: the names of the parameters that are secrets.
  func refusePlaceholders(secrets: Set<String>) throws(Usage) {
    for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
      let placeholder = value.contains("•••") ? "•••" : "…"
      guard placeholder == "•••" || secrets.contains(name) && value == placeholder else { continue }
      throw Usage(
        message: "`\(placeholder)` in `\(name)` stands for a secret, it is not the secret",
        advice: "give \(name) itself: secrets are not kept")
    }
  }

  /// Refuses a parameter's name where a cluster's stands: a region of that name would be made.
  func refuseParameterNames(of recipe: Unit) throws(Usage) {
    let names = Set(recipe.parameters.map(\.name)).subtracting(recipe.clusters)
    guard let name = clusters.first(where: names.contains) else { return }
    throw Usage(message: "`\(name)` is a parameter of the recipe, not a cluster", advice: "\(name)=VALUE")
  }
}
