import Interpreter
import SandboxSystem

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
        message: "\(path) can't be written: \(errorText(problem))",
        advice: "a folder that is there and that you may write to")
    }
    Terminal.standardOutput.write("\(path) is written: read it, then nbx run \(path.inShell)\n")
    return .done
  }

  private static func isFileName(_ word: String) -> Bool {
    !word.hasSuffix("/") && !word.isEmpty && word != ".nbx" && !word.utf8.contains { $0 < 0x20 || $0 == 0x7f }
  }
}

/// The recipe that `nbx new` writes.
enum RecipeTemplate {
  /// - Parameter path: where it will lie, for the command lines that its comments show.
  static func text(_ path: String) -> String {
    let run = "nbx run \(path.inShell)"
    return """
      # Made by `nbx new`, and runs as it is: run it, change it, run it again.
      #
      #   nbx check \(path.inShell)   looks for errors; nothing is run
      #   nbx plan \(path.inShell)    shows what it would do; nothing is done
      #   \(run)     does it
      #
      # `nbx help nats` tells about the commands that begin with nats, and so on for the others.
      recipe "A NATS server, a stream, and the messages that it keeps"

      # The clusters to run with. Names on the command line take their place: \(run) east
      clusters demo

      # What the command line may say otherwise: \(run) messages=50
      # The default tells of which type it is, the text what it means.
      param messages = 5 "how many messages are published"
      param keep = false "leave the server running"

      # On the local target this machine's clients know servers by the names that pods have in Kubernetes.
      if not target.local { skip "it is for the local target: \(run.forText) --target local" }
      let server = "nats://first-nats.first:4222"

      # A command is written in words, and one word is one argument: nothing passes through a shell. $name is a value in it.
      # In parentheses a command is a value itself, here a list.
      let home = clusters.first
      let is_new = not (home.name in [r.name for r in (region list)])
      region create $home

      # Runs when the recipe ends, whatever has happened until then.
      defer {
        if not keep {
          helm uninstall first --namespace first
          if is_new { region delete $home }
        }
      }

      # A step has a name: progress shows it, and --from "a server" begins with it.
      step "a server" {
        # What follows `with` is a document: here the values of helm's chart. A dotted key is a map within a map.
        helm upgrade --install first nats/nats --namespace first --create-namespace --wait
          with { config.jetstream: { enabled: true, fileStore.pvc.size: 1Gi } }
          within 2m
      }

      step "messages" {
        nats stream add FIRST --subjects "first.>" --server $server
        # Of what a run with keep=true has left.
        nats stream purge FIRST --force --server $server
        foreach i in 1..messages { nats pub first.hello "message $i" --server $server }

        # Looks until it is true. If it never is, the values of all its parts are shown.
        wait-for (nats stream info FIRST --server $server).state.messages == messages
          within 10s "the stream has every message"
      }

      let last = nats stream get FIRST --last-for first.hello --server $server
      assert last.data == "message $messages", "the last message is the last one that was published"
      print "the stream keeps $messages messages, and the last one says: ${last.data}"

      """
  }
}

extension String {
  /// As it reads within quotes of a recipe.
  fileprivate var forText: String {
    replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("$", with: "\\$")
  }
}

/// A file that must not be there yet.
enum NewFile {
  /// Whether the name is free: not even a link that leads nowhere has it.
  static func isFree(_ path: String) -> Bool {
    var facts = stat()
    return lstat(path, &facts) != 0
  }

  /// Makes the file. 0, or why it could not; then nothing is left of it.
  static func write(_ bytes: [UInt8], to path: String) -> Int32 {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { return errno }
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { writeBytes(descriptor, $0.baseAddress! + done, $0.count - done) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let problem = errno
        close(descriptor)
        unlink(path)
        return problem
      }
      done += count
    }
    return close(descriptor) == 0 ? 0 : errno
  }
}

/// `write` by another name, since the method above hides it.
private func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
