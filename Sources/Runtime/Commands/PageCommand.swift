import Interpreter
import SandboxPicture
import SandboxSystem

/// `page write`, `page serve`: the supercluster as a page for browsers, the one that `nbx status` writes and serves.
struct PageCommand: Command {
  let target: any ClusterDirectory

  let name = "page"
  let summary = "Shows the supercluster as a page for browsers: regions, servers, links, streams, and their figures"
  let concernsCluster = false
  let grammar = CommandGrammar.forms([
    CommandForm(
      "write", "Writes it to a file, as it is now", positionals: [Positional("FILE")], gives: .text,
      example: "page write picture.html"),
    CommandForm(
      "serve", "Serves it on 127.0.0.1 while a block runs, always up to date; the same as data at /picture.json",
      positionals: [Positional("PORT", as: .port)], gives: .text, example: "during page serve 8380 { sleep 1m }",
      goesOn: true),
  ])

  func run(_ call: Invocation) throws(CommandFailure) -> Value {
    let words = try grammar.parsed(call, of: name)
    let word = words.positional(0)?.string ?? ""
    return words.path == "write" ? try write(word, call) : try serve(UInt16(word) ?? 0, call)
  }

  private func write(_ word: String, _ call: Invocation) throws(CommandFailure) -> Value {
    let path = call.path(word)
    let page = PicturePage(PictureMaker(of: target).picture())
    try call.writeFile(Array(page.file.utf8), to: path)
    if call.isStatement { call.say(Text("\(path): \(page.summary)")) }
    return .string(path)
  }

  private func serve(_ port: UInt16, _ call: Invocation) throws(CommandFailure) -> Value {
    guard let begun = call.begun else {
      throw .misused(
        "`page serve` goes on until it is ended",
        advice: "during page serve \(port) { … }; or outside of a recipe: nbx status --serve \(port)")
    }
    let server = try PageServer(port: port)
    let site = PictureSite(PictureMaker(of: target))
    begun()
    server.serve(until: { call.stop.request != .none || call.deadline <= .now }, answer: site.answer)
    return .string(server.address)
  }
}
