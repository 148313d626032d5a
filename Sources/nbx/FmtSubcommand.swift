import Interpreter
import Lexer
import SandboxSystem

/// `nbx fmt PATH…`
enum FmtSubcommand: Subcommand {
  static let form = CommandForm.subcommand(
    "fmt", "Gives recipes their one form. What they do stays as it is, and so does every comment",
    [
      Positional(
        "PATH", repeated: true,
        help:
          "a recipe, or a folder: then every *.nbx below it, but for links, which may lead elsewhere; - is standard "
          + "input, whose form goes to standard output",
        offers: CommandLineOffers.paths)
    ],
    flags: [
      Flag("--check", .toggle, "writes nothing; names the files that are not in form"),
      Flag("--diff", .toggle, "writes nothing; shows what would change"),
    ], example: "nbx fmt recipes", rule: crowd)

  static let notes = """
    A file with errors of syntax is left alone, and the errors are shown.

    Exit codes: 0 done; 1 with --check, if a file is not in form, or if one can't be written;
    2 a file has errors.
    """

  static let examples = ["nbx fmt --check --diff my-experiment.nbx", "nbx fmt - < draft.nbx"]

  static func run(_ words: ParsedWords) throws(Usage) -> ExitCode {
    var formatting = Formatting(checks: words.has("--check"), showsDifference: words.has("--diff"))
    let paths = words.strings()
    if let stream = RecipeStream(word: paths[0]) {
      formatting.format(stream)
      return formatting.code
    }
    let files = paths.flatMap { RecipeFiles.below($0, followingLinks: false) }
    guard !files.isEmpty else {
      throw Usage(
        message: "there are no recipes in \(paths.joined(separator: ", "))", advice: "recipes are files *.nbx")
    }
    for file in files { formatting.format(file) }
    formatting.tellResult()
    return formatting.code
  }

  /// What goes to standard output has nothing beside it.
  private static func crowd(_ words: ParsedWords) -> WordProblem? {
    guard words.positionals.count > 1, let word = words.strings().first(where: { RecipeStream(word: $0) != nil })
    else { return nil }
    return WordProblem(
      index: nil, message: "`\(word)` stands alone: its form goes to standard output",
      advice: "nbx fmt - < my-experiment.nbx")
  }
}

/// One run of `nbx fmt`: what it was asked for, and what it has found so far.
struct Formatting {
  private let checks: Bool
  private let showsDifference: Bool
  private var files = 0
  private var changed = 0
  /// Files with errors of syntax, or that can't be read.
  private var wrong = 0
  private var notWritten = 0
  private let vocabulary = Vocabulary.ofNbx(purpose: "nbx fmt")

  init(checks: Bool, showsDifference: Bool) {
    self.checks = checks
    self.showsDifference = showsDifference
  }

  var code: ExitCode {
    if wrong > 0 { return .wrong }
    return notWritten > 0 || (checks && changed > 0) ? .failed : .done
  }

  /// Brings a file into form, or tells that it is not.
  mutating func format(_ path: String) {
    files += 1
    guard let (old, new) = forms(of: RecipeFiles.read(path), path) else { return }
    guard old != new else { return }
    changed += 1
    if showsDifference { show(UnifiedDiff(of: old, to: new, path: path)) }
    if checks {
      Terminal.standardOutput.write("not in form: \(path)\n")
    } else if !showsDifference {
      write(new, to: path)
    }
  }

  /// Writes the form of what lies in no file to standard output; of a text with errors nothing.
  mutating func format(_ stream: RecipeStream) {
    let path = stream.path
    guard let (old, new) = forms(of: stream.read(), path) else { return }
    if old != new { changed += 1 }
    if showsDifference { show(UnifiedDiff(of: old, to: new, path: path)) }
    if checks {
      if old != new { Terminal.standardOutput.write("not in form: \(path)\n") }
    } else if !showsDifference {
      Terminal.standardOutput.write(new)
    }
  }

  func tellResult() {
    let all = counted(files, "file")
    var parts: [String] = []
    if checks || showsDifference {
      parts.append(changed > 0 ? "\(changed) of \(all) not in form" : "\(all) looked at, all in form")
    } else {
      parts.append(changed > 0 ? "\(changed) of \(all) changed" : "\(all) in form already")
    }
    if wrong > 0 { parts = ["\(wrong) of \(all) with errors, left alone"] + (changed > 0 ? parts : []) }
    let result = parts.joined(separator: "; ") + "\n"
    if code == .done, !showsDifference {
      Terminal.standardOutput.write(result)
    } else {
      Terminal.standardError.write(result)
    }
  }

  /// A text as it is and in form; nil if it can't be read or has errors, which are shown.
  private mutating func forms(of content: Result<[UInt8], FileProblem>, _ path: String) -> ([UInt8], [UInt8])? {
    do {
      let old = try content.get()
      return (old, try RecipeFormatter.format(SourceFile(path: path, bytes: old), vocabulary: vocabulary))
    } catch let error as ProgramErrors {
      show(error.diagnostics)
    } catch let error as FileProblem {
      show([error.diagnostic(of: path)])
    } catch {
      return nil
    }
    wrong += 1
    return nil
  }

  private mutating func write(_ bytes: [UInt8], to path: String) {
    do throws(MachineError) {
      try UserFile.write(bytes, to: path)
      Terminal.standardOutput.write("\(path)\n")
    } catch {
      changed -= 1
      notWritten += 1
      show([Diagnostic(error.reason, at: nil).adding("try", error.advice)])
    }
  }

  private func show(_ diagnostics: [Diagnostic]) {
    for diagnostic in diagnostics {
      Terminal.standardError.write(diagnostic.rendered(Terminal.standardError.style) + "\n\n")
    }
  }

  private func show(_ difference: UnifiedDiff) {
    let style = Terminal.standardOutput.style
    var text = ""
    for line in difference.lines {
      switch line {
      case .heading: text += style.strong(line.text)
      case .kept: text += line.text
      case .removed: text += style.bad(line.text)
      case .added: text += style.good(line.text)
      }
      text += "\n"
    }
    Terminal.standardOutput.write(text)
  }
}
