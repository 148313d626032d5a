import Interpreter

/// `link …`: how far the sandbox's regions are from each other. The relay between them makes it so.
struct LinkCommand: Command {
  let sandbox: Sandbox

  let name = LinkGrammar.name
  let summary = LinkGrammar.summary
  let grammar = LinkGrammar.grammar
  let concernsCluster = false

  func run(_ call: Invocation) throws(CommandFailure) -> Value {
    let words = try grammar.parsed(call, of: name)
    if words.path == "list" { return LinkListing(states: sandbox.linkStates()).answer(call) }
    let request = try LinkRequest(call)
    for name in request.names { _ = try sandbox.existingRegion(name) }
    let regions = sandbox.regionNames
    try request.checkOthers(among: regions)
    try sandbox.changeLinks(CallLimits(call)) { links in request.change(&links, among: regions) }
    return .null
  }

  func plan(_ call: Invocation) throws(CommandFailure) -> [PlannedCommand] {
    try LinkGrammar.check(call) { sandbox.regionNames }
    return [PlannedCommand([Text(name)] + call.words, document: call.document)]
  }
}
