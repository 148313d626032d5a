import Lexer

/// A recipe with all files that it uses and runs: read, resolved and checked, ready to run.
public struct Program: Sendable {
  /// The recipe itself comes first.
  package let units: [Unit]
  /// The words that could stand in it.
  public let vocabulary: Vocabulary
  let names: NameTable

  /// The recipe itself.
  package var main: Unit { units[0] }

  /// The names of the commands that are given anywhere in its files.
  var givenCommands: Set<String> {
    Set(vocabulary.commandNames.enumerated().filter { place, _ in units.contains { $0.usedCommands[place] } }.map(\.1))
  }

  /// What a host lacks for it; nil if nothing.
  func missing(on host: any Host) -> Diagnostic? {
    do throws(CommandFailure) {
      try host.prepare(for: givenCommands)
      return nil
    } catch {
      return Diagnostic(error.reason.masked, at: nil).adding("try", error.advice)
    }
  }

  /// The clusters that commands name in so many letters, and that there are none of.
  ///
  /// - Parameter clusters: the run's.
  func strangers(to clusters: [Cluster], _ host: any Host) -> [Diagnostic] {
    let names = clusters.map(\.name)
    var known = Set(names)
    return units.flatMap { unit in
      unit.namedClusters.compactMap { named in
        if known.contains(named.name) { return nil }
        guard !host.hasCluster(named: named.name) else {
          known.insert(named.name)
          return nil
        }
        return Diagnostic("this run has no cluster \(named.name)", at: Location(unit.file, named.span))
          .adding("try", Cluster.advice(onUnknown: named.name, among: names))
      }
    }
  }

  /// The steps that `--from` and `--only` can name, each once, in their order: as far as their names are written out.
  public var stepNames: [String] {
    var seen: Set<String> = []
    return main.stepNames.filter { seen.insert($0).inserted }
  }

  /// Reads and checks a recipe.
  ///
  /// - Parameters:
  ///   - path: the recipe's file, as the user names it.
  ///   - read: gives the bytes of a file, or says why it can't.
  /// - Throws: `ProgramErrors`, everything that is wrong in any of the files.
  public static func load(
    _ path: String, vocabulary: Vocabulary, read: (String) -> Result<[UInt8], FileProblem>
  ) throws(ProgramErrors) -> Program {
    try ProgramLoader.load(path, vocabulary: vocabulary, read: read)
  }

  /// Reads a recipe and tells all that is wrong with it and with the files that it brings in, and what most likely is.
  ///
  /// - Parameters: as of `load`.
  public static func check(
    _ path: String, vocabulary: Vocabulary, read: (String) -> Result<[UInt8], FileProblem>
  ) -> CheckedProgram {
    ProgramLoader.check(path, vocabulary: vocabulary, read: read)
  }

  /// Checks a recipe whose text is at hand and that brings in no other files.
  public static func parse(
    _ text: String, name: String = "<recipe>", vocabulary: Vocabulary
  ) throws(ProgramErrors) -> Program {
    try load(name, vocabulary: vocabulary) { path in
      path == name ? .success(Array(text.utf8)) : .failure(FileProblem("this text brings in no files"))
    }
  }
}

/// Why a file can't be read, in a few words.
public struct FileProblem: Error, Sendable {
  /// Why, for the middle of a sentence.
  public let reason: String
  /// A reason of the host's own.
  public init(_ reason: String) { self.reason = reason }

  /// Of a file that a person named, not another file.
  public func diagnostic(of path: String) -> Diagnostic {
    let problem = CheckProblem.unreadable(path, reason: reason)
    return Diagnostic(problem.title, at: nil, code: problem.code)
      .adding("try", "paths start from the folder in which nbx was started")
  }
}

/// All that is wrong with a program.
public struct ProgramErrors: Error, Sendable {
  /// In the order of the files and of the places in them.
  public let diagnostics: [Diagnostic]
}

/// What `Program.check` has found.
public struct CheckedProgram: Sendable {
  /// The program as far as it could be read; with errors in it, it must not be run. Nil if the recipe's own file can't be
  /// read.
  public let program: Program?
  /// Errors and warnings, file by file and in a file from its top down. In a file with errors, what is used and what is
  /// read is not known yet, and nothing is said of it.
  public let diagnostics: [Diagnostic]

  /// Whether anything stops a run.
  public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}

/// Reads the files of a program, each once, libraries before the files that use them.
struct ProgramLoader {
  let vocabulary: Vocabulary
  var names: NameTable
  var units: [Unit] = []
  var places: [String: Unit] = [:]
  /// The files being read, outermost first: a file that is met again is part of a loop.
  var path: [String] = []
  var diagnostics: [Diagnostic] = []
  /// Of a session: what its inputs have bound.
  var session: SessionScope?
  /// Whether to look for what most likely is a mistake, too.
  var isLinting = false
  /// Names in statements that could not be read: whether they are bound is not known.
  var unreadNames: Set<String> = []

  private static let deepestFiles = 32

  static func load(
    _ path: String, vocabulary: Vocabulary, read: (String) -> Result<[UInt8], FileProblem>
  ) throws(ProgramErrors) -> Program {
    var loader = ProgramLoader(vocabulary: vocabulary, names: vocabulary.names)
    _ = loader.unit(path, from: nil, read: read)
    guard loader.diagnostics.isEmpty else {
      throw ProgramErrors(diagnostics: loader.sortedDiagnostics)
    }
    return Program(units: loader.units, vocabulary: vocabulary, names: loader.names)
  }

  static func check(
    _ path: String, vocabulary: Vocabulary, read: (String) -> Result<[UInt8], FileProblem>
  ) -> CheckedProgram {
    var loader = ProgramLoader(vocabulary: vocabulary, names: vocabulary.names, isLinting: true)
    let main = loader.unit(path, from: nil, read: read)
    let program = main.map { _ in Program(units: loader.units, vocabulary: vocabulary, names: loader.names) }
    return CheckedProgram(program: program, diagnostics: loader.sortedDiagnostics)
  }

  /// File by file, and in a file from its top down.
  var sortedDiagnostics: [Diagnostic] {
    let places = Dictionary(
      units.enumerated().map { (ObjectIdentifier($1.file), $0) }, uniquingKeysWith: { first, _ in first })
    func order(_ diagnostic: Diagnostic) -> (Int, UInt32) {
      guard let location = diagnostic.location else { return (-1, 0) }
      return (places[ObjectIdentifier(location.file)] ?? .max, location.span.start)
    }
    return diagnostics.sorted { order($0) < order($1) }
  }

  /// The unit of a file; nil if it could not be read, which is reported.
  private mutating func unit(
    _ path: String, from place: Location?, read: (String) -> Result<[UInt8], FileProblem>
  ) -> Unit? {
    let path = normalized(path)
    if let start = self.path.firstIndex(of: path) {
      report(.fileLoop(self.path[start...] + [path]), place)
      return nil
    }
    if let known = places[path] { return known }
    if self.path.count >= ProgramLoader.deepestFiles {
      report(.filesTooDeep(limit: ProgramLoader.deepestFiles), place)
      return nil
    }
    let bytes: [UInt8]
    switch read(path) {
    case .success(let content): bytes = content
    case .failure(let problem):
      if place == nil {
        diagnostics.append(problem.diagnostic(of: path))
      } else {
        report(.unreadable(path, reason: problem.reason), place)
      }
      return nil
    }
    return take(SourceFile(path: path, bytes: bytes), read: read)
  }

  /// Reads and checks a file whose text is at hand, after those that it brings in.
  ///
  /// - Parameter isInput: it is the input of a session.
  mutating func take(
    _ file: SourceFile, isInput: Bool = false, read: (String) -> Result<[UInt8], FileProblem>
  ) -> Unit {
    var parser = Parser(file, vocabulary: vocabulary, names: names)
    parser.showsValues = isInput
    let unit = parser.parse()
    names = parser.lexer.names
    unit.index = units.count
    units.append(unit)
    if isInput { unit.sessionStart = 0 } else { places[file.path] = unit }
    diagnostics += parser.problems.map { $0.diagnostic(in: file) }
    path.append(file.path)
    bringIn(unit, read: read)
    path.removeLast()
    let isWhole = parser.problems.isEmpty
    guard isWhole || (!isInput && !parser.isHopeless) else { return unit }
    unreadNames.formUnion(parser.unreadNames)
    var resolver = Resolver(
      unit, vocabulary: vocabulary, names: names, isLinting: isLinting && isWhole, continuing: isInput ? session : nil)
    resolver.unreadNames = unreadNames
    resolver.resolve()
    diagnostics += resolver.diagnostics
    for (problem, span) in resolver.lints where resolver.diagnostics.isEmpty || problem.holdsBesideErrors {
      diagnostics.append(problem.diagnostic(at: Location(file, span)))
    }
    if isInput { session = resolver.sessionScope }
    return unit
  }

  private mutating func bringIn(_ unit: Unit, read: (String) -> Result<[UInt8], FileProblem>) {
    for use in unit.uses {
      let place = Location(unit.file, use.span)
      guard let library = self.unit(joined(unit.folder, use.path), from: place, read: read) else { continue }
      if let span = library.firstThatIsNoLibrary {
        report(.notALibrary(library.file.path), Location(library.file, span))
      }
      use.unit = library
    }
    for run in unit.runs {
      let place = Location(unit.file, run.span)
      guard let recipe = self.unit(joined(unit.folder, run.path), from: place, read: read) else { continue }
      run.unit = recipe
      for argument in run.arguments { check(argument, of: recipe, in: unit) }
    }
  }

  private mutating func check(_ argument: RunRecipe.Argument, of recipe: Unit, in unit: Unit) {
    let place = Location(unit.file, argument.span)
    guard let parameter = recipe.parameters.first(where: { $0.name == argument.name }) else {
      let suggestion = nearestSpelling(to: argument.name, among: recipe.parameters.map(\.name))
      return report(.unknownParameter(argument.name, recipe: recipe.file.path, suggestion: suggestion), place)
    }
    if let text = argument.value.literal(in: unit.file), case .literal(let value) = parameter.value.form,
      value.parsedAlike(text) == nil
    {
      report(.badParameterValue(argument.name, expected: value.takenWithArticle), place)
    }
  }

  private mutating func report(_ problem: CheckProblem, _ place: Location?) {
    diagnostics.append(problem.diagnostic(at: place))
  }
}

extension Unit {
  /// Whether other files may bring it in by `use`.
  var isLibrary: Bool { firstThatIsNoLibrary == nil }

  /// The first statement that a file for `use` must not have.
  fileprivate var firstThatIsNoLibrary: Span? {
    if let titleSpan { return titleSpan }
    if let parameter = parameters.first { return parameter.span }
    for statement in body.statements {
      switch statement {
      case .bind(let bind) where !bind.isVar: continue
      case .use, .broken: continue
      default: return statement.span
      }
    }
    return nil
  }
}

/// A path written in a file, seen from where the program runs.
func joined(_ folder: String, _ path: String) -> String {
  path.hasPrefix("/") || folder == "." ? path : folder + "/" + path
}

/// The path without `.` and without `..` behind a folder, so that one file has one name.
func normalized(_ path: String) -> String {
  var parts: [Substring] = []
  for part in path.split(separator: "/") where part != "." {
    if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
  }
  return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
}
