import Interpreter
import Lexer
import SandboxRuntime
import SandboxSystem
import ShippedRecipes

/// `nbx run RECIPE [CLUSTER…] [NAME=VALUE…]`
enum RunSubcommand: Subcommand {
  static let form = RunWords.form(
    "run", "Runs a recipe",
    flags: [
      Flag(
        "--report", .text,
        "writes how the run went into a file: a page over time, data or JUnit's XML, by the name's ending, .html, .json or .xml",
        value: "FILE", repeated: true)
    ])
  static let helpsWithWords = true

  static let notes = """
    Exit codes: 0 done, 1 the recipe failed, 2 the recipe or the command line is wrong,
    3 something it needs is missing, 130 interrupted. After 2 and 3 nothing was run.
    """

  static let examples = [
    "nbx run install c1 replicas=1", "nbx run nats --target kube --context c1=eks-west",
    "nbx run install c1 c2 c3 --resume", "nbx run install c1 c2 c3 --only \"the mesh\"",
  ]

  static func run(_ words: ParsedWords) throws(Usage) -> ExitCode {
    let words = RunWords(words)
    let reports = try words.reports()
    let recipe = words.recipe
    let stop = Interrupts.watched()
    let reporter = Reporter(stop: stop)
    defer { reporter.finish() }
    let recorder = reports.isEmpty ? nil : RunRecorder(recipe: recipe, clusters: words.clusters)
    // What of the command line has no secrets in it, for whoever waits for this nbx.
    let purpose = "nbx run \(([recipe] + words.clusters).joined(separator: " "))"
    let chooser = TargetChooser(
      wanted: words.target, contexts: words.contexts, clusters: words.clusters,
      environment: ownEnvironment, purpose: purpose, relay: OwnProgram.path,
      announce: { reporter.note($0) })
    let host = SandboxHost(
      chooser: chooser, shipped: ShippedRecipes.bytes(at:), columns: { Terminal.standardOutput.columns },
      observer: { event in
        reporter.observe(event)
        recorder?.observe(event)
      })
    Leftovers.keepAccount { chooser.home }
    defer { Leftovers.closeAccount() }
    defer { host.close() }
    let program: Program
    do throws(ProgramErrors) {
      program = try Program.load(RecipeChoice.told(recipe), vocabulary: Vocabulary(host: host), read: RecipeFiles.read)
    } catch {
      if stop.request != .none { return .interrupted }
      return report(RecipeChoice.advised(error, recipe), reporter)
    }
    if words.showedHelp(of: program) { return .done }
    let files = try opened(reports)
    chooser.use(clusters: words.clusters.isEmpty ? program.main.clusters : words.clusters)
    let unfinished = try UnfinishedRun(program, host: host, words)
    defer { unfinished.end() }
    let part = try unfinished.part(chooser)
    let run = Run(
      program, host: host, clusters: words.clusters, arguments: words.parameters, part: part, stop: stop)
    let leaders = recorder.map { recorder in
      LeaderWatch(recorder) { [clusters = run.allClusters] in chooser.knownAddresses(of: clusters) }
    }
    let ending = run.execute()
    leaders?.end()
    var code = report(ending, chooser, reporter)
    if let recorder {
      let target = chooser.chosenName ?? ""
      let record = recorder.record(of: ending, target: target, clusters: run.allClusters.map(\.name))
      if !write(record, to: files, reporter), code == .done { code = .failed }
    }
    if code != .wrong, code != .missing { unfinished.keep(ending, chooser, reporter, stop) }
    return code
  }

  /// The files of the reports. That one can't be written is said before a long run rather than behind it.
  private static func opened(
    _ reports: [(file: String, form: RunReport)]
  ) throws(Usage) -> [(file: UserFile, form: RunReport)] {
    var files: [(file: UserFile, form: RunReport)] = []
    for report in reports {
      do throws(MachineError) { files.append((try UserFile(report.file), report.form)) } catch {
        throw Usage(message: error.reason, advice: error.advice ?? "name another file")
      }
    }
    return files
  }

  /// Writes a run's reports; false if one could not be written.
  private static func write(
    _ record: RunRecord, to reports: [(file: UserFile, form: RunReport)], _ reporter: Reporter
  ) -> Bool {
    var isWritten = true
    for report in reports {
      do throws(MachineError) {
        try report.file.append(Array(report.form.text(record).utf8))
        try report.file.keep()
        reporter.note("\(report.file.path): \(record.summary)")
      } catch {
        reporter.show(Diagnostic(error.reason, at: nil).adding("try", error.advice))
        isWritten = false
      }
    }
    return isWritten
  }

  private static func report(_ diagnostics: [Diagnostic], _ reporter: Reporter) -> ExitCode {
    for (index, diagnostic) in diagnostics.enumerated() {
      if index > 0 { Terminal.standardError.write("\n") }
      reporter.show(diagnostic)
    }
    return .wrong
  }

  private static func report(_ ending: Run.Ending, _ chooser: TargetChooser, _ reporter: Reporter) -> ExitCode {
    switch ending {
    case .done: return .done
    case .skipped(let reason):
      reporter.note("skipped: \(reason)")
      return .done
    case .failed(let failure):
      _ = report(failure.diagnostics, reporter)
      switch chooser.refusal {
      case .unknown, .noHome: return .wrong
      case .missing: return .missing
      case nil: return .failed
      }
    case .interrupted(let failure):
      _ = report(failure.diagnostics, reporter)
      return .interrupted
    case .refused(let diagnostics):
      let code = report(diagnostics, reporter)
      // What was missing was being fetched.
      if Interrupts.isAskedToStop { return .interrupted }
      return chooser.refusal == .missing ? .missing : code
    }
  }
}

/// The part of a recipe that the command line asks for, and what a run that does not end well leaves for the next.
struct UnfinishedRun {
  private let program: Program
  private let host: SandboxHost
  private let words: RunWords
  private let recipe: String
  private let journal: RunJournal?
  /// Held by a run that takes another up.
  private let turn: FileLock?

  /// - Throws: if an argument cannot be meant so, or the run that it takes up can't be had.
  init(_ program: Program, host: SandboxHost, _ words: RunWords) throws(Usage) {
    self.program = program
    self.host = host
    self.words = words
    recipe = words.recipe
    try words.refusePlaceholders(secrets: program.main.secretParameters)
    try words.refuseParameterNames(of: program.main)
    let recipe = recipe
    let journal = (try? Home.folder(environment: ownEnvironment)).map {
      RunJournal(home: $0, recipe: recipe, path: program.main.file.path)
    }
    self.journal = journal
    turn = try words.resumes ? UnfinishedRun.turn(journal) : nil
  }

  /// The part to run. A run is not taken up on another target.
  func part(_ chooser: TargetChooser) throws(Usage) -> RunPart {
    if let step = words.from { return .from(step: step) }
    if let step = words.only { return .only(step: step) }
    guard words.resumes else { return .whole }
    let (resumption, target) = try resumption()
    if let target, let now = try? chooser.target().name, now != target {
      throw Usage(
        message: "the run that stopped was on the target \(target), not on \(now)",
        advice: "take it up there: --resume --target \(target)")
    }
    return .rest(resumption)
  }

  private static func turn(_ journal: RunJournal?) throws(Usage) -> FileLock? {
    do throws(Problem) { return try journal?.turn() } catch {
      throw Usage(message: error.reason, advice: error.advice ?? "run it from its start")
    }
  }

  /// Lets others take the run up.
  func end() { turn?.release() }

  private func resumption() throws(Usage) -> (Resumption, target: String?) {
    do throws(Problem) {
      guard let journal else { throw RunJournal.noHome }
      let clusters = Run(program, host: host, clusters: words.clusters).allClusters
      return try journal.resumption(of: program, request, clusters: clusters)
    } catch {
      throw Usage(message: error.reason, advice: error.advice ?? "run it from its start")
    }
  }

  /// Keeps where a run can be taken up, and says how; after a good end nothing is kept.
  ///
  /// - Parameter stop: what the user's interrupts ask; one more than ended the run ends this, too.
  func keep(_ ending: Run.Ending, _ chooser: TargetChooser, _ reporter: Reporter, _ stop: StopSignal) {
    let asked = stop.request
    let failure: Failure
    switch ending {
    case .failed(let failed): failure = failed
    case .interrupted(let interrupted): failure = interrupted
    case .done, .skipped:
      if words.only == nil { journal?.forget(request) }
      return
    case .refused: return
    }
    if failure.leavesNothing, words.only == nil {
      journal?.forget(request)
      if program.beginsWithSeveral, words.from == nil {
        advise("its first statement is done again from its start", resuming: false, reporter)
      }
    }
    // A step that was tried for itself is no part of a whole run.
    guard let resumption = failure.resumption, let journal, words.only == nil else { return }
    do throws(Problem) {
      try journal.keep(resumption, of: program, request, target: chooser.chosenName) { stop.request > asked }
      advise("go on from there", resuming: true, reporter)
    } catch {
      reporter.note("  = it can't be taken up later: \(error.reason)")
      if let advice = error.advice { reporter.note("  = try: \(advice)") }
    }
  }

  /// Says what to run next.
  private func advise(_ what: String, resuming: Bool, _ reporter: Reporter) {
    let command = request.command(of: recipe, target: words.target, resuming: resuming)
    reporter.note("  = \(what): \(command)")
    if let advice = request.advice { reporter.note("  = \(advice)") }
  }

  private var request: RunRequest {
    RunRequest(clusters: words.clusters, arguments: words.parameters, contexts: words.contexts, of: program.main)
  }
}
