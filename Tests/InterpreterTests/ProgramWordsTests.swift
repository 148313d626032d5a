import Interpreter
import Testing

/// The words of programs, by what is known of their flags.
@Suite struct ProgramWordsTests {
  private static let grammar = ProgramGrammar(
    [CommandForm("logs", "shows", flags: [Flag("--tail", .integer, "how many"), Flag("--all", .toggle, "all")])],
    otherFlags: ["": "--space= -n=", "logs": "--previous -p --follow -f", "patch": "--patch= -p= -f= -o="])

  @Test(arguments: [
    ("logs -p pod", "logs pod"), ("patch -p {} pod", "patch pod"), ("logs -f pod", "logs pod"),
    ("other -p {} pod", "other pod"), ("-n space logs pod", "logs pod"), ("logs --tail 5 pod --space=x", "logs pod"),
    ("logs --odd pod", "logs pod"), ("get -nx pod -Ao json", "get pod"), ("get -n=x pod - -- rest", "get pod -"),
  ]) func `a flag's value is what it takes where it stands`(_ words: String, _ plain: String) {
    let read = ProgramWords(words.split(separator: " ").map { Text(String($0)) }, of: ProgramWordsTests.grammar)
    #expect(read.positionals.map(\.string).joined(separator: " ") == plain)
  }

  @Test func `flags have their values in every spelling`() {
    let words = "get -nx -Ao json --space=a=b --space c".split(separator: " ").map { Text(String($0)) }
    let read = ProgramWords(words, of: ProgramWordsTests.grammar)
    #expect(read.values(of: "--space", "-n").map(\.string) == ["x", "a=b", "c"])
    #expect(read.values(of: "-o").map(\.string) == ["json"] && read.has("-A") && !read.has("-x"))
    #expect(read.verb == "get")
  }

  @Test(arguments: [
    ("-n x logs pod --all", "logs -n x pod --all"), ("logs pod", "logs pod"), ("-n x odd y", "odd -n x y"),
    ("-n", "-n"),
  ]) func `the path stands first for forms`(_ words: String, _ ordered: String) {
    let ordered = ordered.split(separator: " ").map(String.init)
    let texts = words.split(separator: " ").map { Text(String($0)) }
    #expect(ProgramWordsTests.grammar.withFlagsLast(texts).map(\.string) == ordered)
  }
}
