import Interpreter
import SandboxSystem

/// `write PATH with VALUE`
struct WriteCommand: Command {
  let name = "write"
  let summary = "writes a file: text as it is, a map or a list as JSON"
  let concernsCluster = false
  let grammar = CommandGrammar.forms([
    CommandForm(
      "", "writes a file, with the folders that lead to it", positionals: [Positional("PATH")],
      document: "what to write", gives: .text, example: "write out/report.json with { lag: lag }")
  ])

  func run(_ call: Invocation) throws(CommandFailure) -> Value {
    let words = try grammar.parsed(call, of: name)
    let written = words.positional(0)?.string ?? ""
    guard let document = call.document else {
      throw .misused("there is nothing to write", advice: "write \(written) with \"text\"")
    }
    let path = call.path(written)
    let text = document.documentText(indented: true)
    let bytes = Array(text.string.utf8) + (document.asText == nil ? [0x0a] : [])
    // Nobody else needs to read a secret.
    try call.writeFile(bytes, to: path, mode: text.isSecret ? 0o600 : 0o666)
    return .string(path)
  }
}
