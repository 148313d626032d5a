import Interpreter
import Lexer
import Machine
import SandboxRuntime
import SandboxSystem

/// The program: finds the subcommand that is meant and ends with its exit code.
@main
struct Nbx {
  static let name = "nbx"

  static var subcommands: [any Subcommand.Type] {
    [
      RunSubcommand.self, PlanSubcommand.self, CheckSubcommand.self, ExplainSubcommand.self, FmtSubcommand.self,
      NewSubcommand.self, ReplSubcommand.self, LspSubcommand.self, ListSubcommand.self, RecipesSubcommand.self,
      StatusSubcommand.self, DoctorSubcommand.self, CompletionsSubcommand.self, HelpSubcommand.self,
    ]
  }

  static func main() {
    StandardStreams.hold()
    // Swift's runtime draws a crash of whom this signal reaches, with what lies in its memory, and lets it go on.
    if !Signals.isIgnored(SIGQUIT) { signal(SIGQUIT, SIG_DFL) }
    let words = Array(CommandLine.arguments.dropFirst())
    // `exit` would take time to free what the system frees anyway.
    fflush(nil)
    _exit(run(words).unlessOutputIsLost.rawValue)
  }

  static func run(_ words: [String]) -> ExitCode {
    guard let first = words.first else {
      Terminal.standardError.write(Help.overview)
      return .wrong
    }
    switch first {
    case CompleteSubcommand.name:
      return CompleteSubcommand.run(Array(words.dropFirst()))
    case RelaySubcommand.name:
      return RelaySubcommand.run(Array(words.dropFirst()))
    case "--version":
      Terminal.standardOutput.write("nbx \(Help.version)\n")
      return .done
    default: break
    }
    do throws(Usage) {
      if first == CommonFlags.help.name || CommonFlags.help.aliases.contains(first) {
        return try HelpSubcommand.call([HelpSubcommand.name] + words.dropFirst())
      }
      guard let subcommand = subcommands.first(where: { $0.name == first }) else { throw .unknownSubcommand(first) }
      return try subcommand.call(words)
    } catch {
      return error.report()
    }
  }
}

/// Standard input, output and error output.
private enum StandardStreams {
  /// Takes the numbers of those that whoever started nbx has closed: the next file or pipe that is opened would get such a
  /// number, and with it what is said, or be closed where a program is given its streams. What is taken can be neither
  /// read nor written, as if it were closed.
  static func hold() {
    for number in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(number, F_GETFD) < 0 {
      // The lowest number that is free.
      _ = open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }
}

/// How nbx ends, for scripts.
enum ExitCode: Int32 {
  case done = 0
  /// The recipe failed.
  case failed = 1
  /// The recipe or the command line is wrong; nothing was run.
  case wrong = 2
  /// Something it needs is missing; nothing was run.
  case missing = 3
  case interrupted = 130

  /// Says on standard error why nothing better came of it.
  func telling(_ reason: String, try advice: String?) -> ExitCode {
    let terminal = Terminal.standardError
    terminal.write(Diagnostic(reason, at: nil).adding("try", advice).rendered(terminal.style) + "\n")
    return self
  }

  /// What was to be read on standard output and could not be written there is no success.
  fileprivate var unlessOutputIsLost: ExitCode {
    guard let problem = Terminal.lostOutput else { return self }
    return (self == .done ? .failed : self)
      .telling(
        "standard output could not be written: \(errorText(problem))",
        try: "make room where it goes to, then run it again")
  }
}

extension Vocabulary {
  /// The words that mean something to nbx's own runs, for whoever reads recipes and runs none.
  static func ofNbx(purpose: String) -> Vocabulary {
    let chooser = TargetChooser(
      wanted: nil, contexts: [:], clusters: [], environment: [:], purpose: purpose, announce: { _ in })
    return Vocabulary(host: SandboxHost(chooser: chooser, observer: { _ in }))
  }
}

/// Memory for large recipes, in large pages. A tree takes ten to twenty times the room of its text; given in pages of
/// 4 KiB, a quarter of the time to read 100,000 lines went into asking the kernel for them.
enum LargePages {
  /// Below this a recipe is read in less time than preparing takes.
  private static let leastText = 256 << 10
  private static let treePerText = 20
  private static let pageSize = 2 << 20

  /// An array for a text of so many bytes; behind it there is room for the tree that this thread makes of it.
  static func array(of bytes: Int) -> [UInt8] {
    #if canImport(Glibc)
      // Swift's Glibc leaves malloc.h out.
      guard bytes >= leastText, let symbol = dlsym(nil, "mallopt") else { return [UInt8](repeating: 0, count: bytes) }
      let mallopt = unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
      let (trimThreshold, topPad, mmapThreshold): (Int32, Int32, Int32) = (-1, -2, -3)
      let room = min(bytes * treePerText, 1 << 30) / pageSize * pageSize
      // See mallopt(3): the heap keeps what it has, serves large arrays too, and grows by `room` with the next one.
      _ = mallopt(trimThreshold, .max)
      _ = mallopt(mmapThreshold, 32 << 20)
      _ = mallopt(topPad, Int32(room))
      let array = [UInt8](repeating: 0, count: bytes)
      _ = mallopt(topPad, 1 << 20)
      if let end = sbrk(0) {
        madvise(end - room, room, Int32(MADV_HUGEPAGE))
        clearAhead(UInt(bitPattern: end - room), min(room / 2, mostAhead))
      }
      return array
    #else
      return [UInt8](repeating: 0, count: bytes)
    #endif
  }

  #if canImport(Glibc)
    /// What is cleared ahead is taken from other programs, whether or not the tree turns out to need it.
    private static let mostAhead = 64 << 20

    /// Has another processor clear pages while this one reads: else the kernel clears each when it is first written to,
    /// which takes from a tenth to a third of the time.
    private static func clearAhead(_ start: UInt, _ count: Int) {
      // Before Linux 5.14 it is refused, and nothing is lost.
      LaneThread.start(isDeep: false) {
        madvise(UnsafeMutableRawPointer(bitPattern: start), count, Int32(MADV_POPULATE_WRITE))
      }?.detach()
    }
  #endif
}
