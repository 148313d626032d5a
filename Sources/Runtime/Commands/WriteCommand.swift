import Interpreter

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `write PATH with VALUE`
struct WriteCommand: Command {
  let name = "write"
  let summary = "writes a file: text as it is, a map or a list as JSON"
  let concernsCluster = false
  let grammar = CommandGrammar.forms([
    CommandForm(
      "", "writes a file, with the folders that lead to it", positionals: [Positional("PATH")],
      document: "what to write", example: "write out/report.json with { lag: lag }")
  ])

  func run(_ call: Invocation) throws(CommandFailure) -> Value {
    let words = try grammar.parsed(call, of: name)
    let written = words.positional(0)?.string ?? ""
    guard let document = call.document else {
      throw CommandFailure(.misused, "there is nothing to write", advice: "write \(written) with \"text\"")
    }
    let path = written.hasPrefix("/") || call.folder == "." ? written : call.folder + "/" + written
    let text = document.asText ?? document.json(indented: true)
    let bytes = Array(text.string.utf8) + (document.asText == nil ? [0x0a] : [])
    do {
      if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
        try FileManager.default.createDirectory(atPath: String(path[..<slash]), withIntermediateDirectories: true)
      }
      // Nobody else needs to read a secret.
      try AtomicFile.write(bytes, to: path, mode: text.isSecret ? 0o600 : 0o644)
    } catch let error as MachineError {
      throw CommandFailure(.failed, "\(error)", advice: "choose another path, or free some room")
    } catch {
      throw CommandFailure(.failed, "can't make the folder of \(path)", advice: "choose another path")
    }
    return .string(path)
  }
}
