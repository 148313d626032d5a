import Interpreter
import TestSupport
import Testing

/// The interpreter inside another program: only what is public, and a command of its own.
@Suite(.mayWait) struct EmbeddingTests {
  private struct Kitchen: Host {
    let served: @Sendable (String) -> Void
    var commands: [any Command] { [Cook()] }
    var constants: [HostConstant] { [HostConstant("chef") { "Ada" }] }

    func observe(_ event: Event) {
      if case .said(let text) = event.kind { served(text.masked) }
    }
  }

  private struct Cook: Command {
    let name = "cook"
    let summary = "cooks a dish"
    let concernsCluster = false
    let grammar = CommandGrammar.forms([
      CommandForm(
        "", "cooks a dish", positionals: [Positional("DISH")], flags: [Flag("--portions", .integer, "how many")])
    ])

    func run(_ call: Invocation) throws(CommandFailure) -> Value {
      let words = try grammar.parsed(call, of: name)
      guard words.positional(0)?.string != "stone" else {
        throw CommandFailure(.failed, "a stone can't be cooked", advice: "take a potato")
      }
      if call.isStatement { call.say("cooked \(words.positional(0)?.string ?? "")") }
      return ["dish": .string(words.positional(0)?.string ?? ""), "portions": .int(words.integer("--portions") ?? 1)]
    }
  }

  private final class Plates: @unchecked Sendable { var served: [String] = [] }

  private func cook(_ recipe: String) throws -> (served: [String], ending: Run.Ending) {
    let plates = Plates()
    let host = Kitchen { plates.served.append($0) }
    let program = try Program.parse(recipe, name: "menu.nbx", vocabulary: Vocabulary(host: host))
    let ending = Run(program, host: host).execute()
    return (plates.served, ending)
  }

  @Test func runsRecipesWithACommandOfItsOwn() throws {
    let (served, ending) = try cook(
      """
      cook soup
      let dish = cook cake --portions 4
      print "$chef made ${dish.portions} ${dish.dish}s"
      """)
    #expect(served == ["cooked soup", "Ada made 4 cakes"])
    guard case .done = ending else {
      Issue.record("\(ending)")
      return
    }
  }

  @Test func explainsFailures() throws {
    guard case .failed(let failure) = try cook("cook stone").ending else {
      Issue.record("it should have failed")
      return
    }
    #expect(
      failure.diagnostics.map { $0.rendered(.plain) } == [
        """
        error: cook failed (a stone can't be cooked)
          --> menu.nbx:1:1
           |
         1 | cook stone
           | ^^^^ ran: cook stone
           |
           = try: take a potato
        """
      ])
  }

  @Test func checksRecipesBeforeTheRun() {
    #expect(throws: ProgramErrors.self) { try cook("cook soup --portions many") }
    #expect(throws: ProgramErrors.self) { try cook("coook soup") }
    #expect(throws: ProgramErrors.self) { try cook("let chef = 1\nprint chef") }
  }
}
