import Interpreter
import SandboxRuntime

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// `nbx new NAME`
enum NewSubcommand: Subcommand {
  static let form = CommandForm.subcommand(
    "new",
    "Writes a recipe to begin with. It runs as it is on the local target, its comments say what each part does, and it "
      + "leaves nothing behind",
    [Positional("NAME", help: "the file, with or without .nbx; it must not be there yet")], example: "nbx new hello"
  ) { words in
    isFileName(words.strings()[0])
      ? nil : WordProblem(index: nil, message: "`nbx new` needs the name of one file", advice: "nbx new hello")
  }

  static let examples = ["nbx run hello.nbx"]

  static func run(_ words: ParsedWords) throws(Usage) -> ExitCode {
    let word = words.strings()[0]
    let path = word.hasSuffix(".nbx") ? word : word + ".nbx"
    let problem = NewFile.write(Array(RecipeTemplate.text(path).utf8), to: path)
    if problem == EEXIST {
      throw Usage(message: "\(path) is there already, and is left as it is", advice: "another name")
    }
    guard problem == 0 else {
      throw Usage(
        message: "\(path) can't be written: \(String(cString: strerror(problem)))",
        advice: "a folder that is there and that you may write to")
    }
    Terminal.standardOutput.write("\(path) is written: read it, then nbx run \(path.inShell)\n")
    return .done
  }

  private static func isFileName(_ word: String) -> Bool {
    !word.hasSuffix("/") && !word.isEmpty && word != ".nbx" && !word.utf8.contains { $0 < 0x20 || $0 == 0x7f }
  }
}
