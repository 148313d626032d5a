import Foundation
import Interpreter
import Lexer
import SandboxRuntime
import SandboxSystem
import TestSupport
import Testing

/// `editors/`: what colours recipes knows the words of the language, all of them, and sees what they are where they stand.
@Suite(.mayWait) struct EditorTests {
  static let editors = NbxProgram.repository + "/editors"
  static let grammar = editors + "/vscode/syntaxes/nbx.tmLanguage.json"

  static let sample = """
    recipe "t"  # why
    clusters c1 c2
    param n = 3 "how"
    let x = if n > 1 then "a $n ${n + 1}" else null
    foreach cluster in clusters parallel {
      helm upgrade --install for x{a} k3d-$cluster-0 ...$x
        --set a=b 'raw'
        with { a.b: 100m, with: "q" } + x.keys
        within 5m
    }
    wait-for (nats server list).count == 3 and not false within 30s "all"
    task f(a) { return a.filter(1) }
    let text = \"""
      if # no comment, $name
      \"""
    print text
    """

  struct Place: Sendable, CustomTestStringConvertible {
    let line: Int
    let text: String
    let scope: String
    let group: String
    var testDescription: String { "\(line): \(text)" }

    init(_ line: Int, _ text: String, _ scope: String, _ group: String) {
      self.line = line
      self.text = text
      self.scope = scope
      self.group = group
    }

    /// The column of the text's first letter, counted from 0.
    var column: Int {
      let line = sample.split(separator: "\n", omittingEmptySubsequences: false)[line - 1]
      return line.range(of: text).map { line.distance(from: line.startIndex, to: $0.lowerBound) } ?? -1
    }
  }

  static let places = [
    Place(1, "recipe", "keyword.other.nbx", "nbxHeader"), Place(1, "\"t\"", "string.quoted.double.nbx", "nbxString"),
    Place(1, "# why", "comment.line.number-sign.nbx", "nbxComment"),
    Place(2, "clusters", "keyword.other.nbx", "nbxHeader"), Place(3, "3", "constant.numeric.nbx", "nbxNumber"),
    Place(4, "if", "keyword.control.nbx", "nbxConditional"),
    Place(4, "$n", "variable.other.interpolated.nbx", "nbxVariable"),
    Place(4, "${", "punctuation.section.interpolation.begin.nbx", "nbxDelimiter"),
    Place(4, "+", "keyword.operator.nbx", "nbxOperator"), Place(4, "1}", "constant.numeric.nbx", "nbxNumber"),
    Place(4, "null", "constant.language.nbx", "nbxConstant"),
    Place(5, "foreach", "keyword.control.nbx", "nbxRepeat"),
    Place(5, "in ", "keyword.operator.word.nbx", "nbxOperatorWord"),
    Place(5, "parallel", "keyword.control.nbx", "nbxRepeat"),
    Place(6, "helm", "support.function.command.nbx", "nbxCommandName"),
    Place(6, "--install", "variable.parameter.flag.nbx", "nbxFlag"),
    // A word of a command is no keyword.
    Place(6, "for", "source.nbx", "nbxCommand"), Place(6, "x{a}", "string.unquoted.nbx", "nbxWordBrackets"),
    Place(6, "$cluster", "variable.other.interpolated.nbx", "nbxVariable"), Place(6, "-0", "source.nbx", "nbxCommand"),
    Place(6, "...", "keyword.operator.spread.nbx", "nbxSpread"),
    Place(7, "--set", "variable.parameter.flag.nbx", "nbxFlag"),
    Place(7, "'raw'", "string.quoted.single.nbx", "nbxRawString"),
    Place(8, "with {", "keyword.other.ending.nbx", "nbxEnding"),
    Place(8, "a.b", "variable.other.property.nbx", "nbxKey"),
    Place(8, "100m", "constant.numeric.nbx", "nbxNumber"), Place(9, "within", "keyword.other.ending.nbx", "nbxEnding"),
    Place(9, "5m", "constant.numeric.nbx", "nbxNumber"), Place(11, "wait-for", "keyword.control.nbx", "nbxRepeat"),
    Place(11, "nats", "support.function.command.nbx", "nbxCommandName"),
    Place(11, "and", "keyword.operator.word.nbx", "nbxOperatorWord"),
    Place(11, "within", "keyword.other.ending.nbx", "nbxEnding"),
    Place(11, "\"all\"", "string.quoted.double.nbx", "nbxString"),
    Place(12, "f(", "entity.name.function.nbx", "nbxTaskName"),
    Place(12, "return", "keyword.control.nbx", "nbxStatement"),
    Place(14, "if", "string.quoted.triple.nbx", "nbxString"),
    Place(14, "# no", "string.quoted.triple.nbx", "nbxString"),
    Place(14, "$name", "variable.other.interpolated.nbx", "nbxVariable"),
    Place(16, "print", "keyword.control.nbx", "nbxStatement"),
  ]

  // MARK: Words

  private static func words(_ text: String) -> Set<String> {
    Set(text.split(whereSeparator: { !($0.isLowercase || $0.isNumber || $0 == "-") }).map(String.init))
  }

  private var keywords: Set<String> { Set(Keyword.allCases.map(\.text)) }

  private var commands: Set<String> {
    let chooser = TargetChooser(
      wanted: nil, contexts: [:], clusters: [], environment: [:], purpose: "a test", announce: { _ in })
    return Set(SandboxHost(chooser: chooser, observer: { _ in }).commands.map(\.name))
  }

  @Test func `the TextMate grammar has every keyword and every command, and no other`() throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: EditorTests.grammar))
    let grammar = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    let repository = grammar?["repository"] as? [String: Any] ?? [:]
    let patterns = (repository["keyword"] as? [String: Any])?["patterns"] as? [[String: String]] ?? []
    let inGroups = patterns.compactMap { $0["match"]?.split(separator: "(?:").last?.split(separator: ")").first }
    #expect(inGroups.reduce(into: Set<String>()) { $0.formUnion(EditorTests.words(String($1))) } == keywords)
    let begin = (repository["command"] as? [String: Any])?["begin"] as? String ?? ""
    let names = begin.split(separator: "-])(").last?.split(separator: ")").first ?? ""
    #expect(EditorTests.words(String(names)) == commands)
  }

  @Test func `Vim's syntax has every keyword and every command, and no other`() throws {
    let text = try String(contentsOfFile: EditorTests.editors + "/vim/syntax/nbx.vim", encoding: .utf8)
    let lines = text.split(separator: "\n").filter { $0.hasPrefix("syntax keyword nbx") }
    let found = lines.reduce(into: Set<String>()) {
      $0.formUnion($1.split(separator: " ").dropFirst(3).map(String.init))
    }
    #expect(found == keywords)
    let names = text.components(separatedBy: "@<!\\%(docker").last?.components(separatedBy: "\\)\\>").first ?? ""
    #expect(EditorTests.words(("docker" + names).replacingOccurrences(of: "\\|", with: " ")) == commands)
  }

  // MARK: Places

  @Test func `the TextMate grammar sees what stands where`() throws {
    let nbx = try NbxProgram()
    let sample = try nbx.write(EditorTests.sample + "\n", to: "sample.nbx")
    let tokens = try TextmateGrammar.tokens(of: [sample], grammar: EditorTests.grammar, workingFolder: nbx.folder)
    for place in EditorTests.places {
      let token = tokens.last { $0.line == place.line - 1 && $0.column <= place.column }
      #expect(token?.scopes.last == place.scope, "\(place.testDescription)")
    }
  }

  @Test func `Vim sees what stands where`() throws {
    let nbx = try NbxProgram()
    let found = try groups(of: [try nbx.write(EditorTests.sample + "\n", to: "sample.nbx")], nbx)
    for place in EditorTests.places {
      let group = found.last { $0.line == place.line - 1 && $0.column <= place.column }?.group
      #expect(group == place.group, "\(place.testDescription)")
    }
  }

  /// Nothing of a recipe is still open at its end: so no string and no command is seen to go on where it does not.
  @Test func `both see the end of every shipped recipe`() throws {
    let nbx = try NbxProgram()
    let names = FileManager.default.enumerator(atPath: NbxProgram.repository + "/recipes")?.compactMap { $0 as? String }
    let paths = try (names ?? []).filter { $0.hasSuffix(".nbx") }.sorted().map { name in
      let text = try String(contentsOfFile: "\(NbxProgram.repository)/recipes/\(name)", encoding: .utf8)
      return try nbx.write(text + "print 1\n", to: name.replacingOccurrences(of: "/", with: "-"))
    }
    #expect(paths.count > 40)
    let tokens = try TextmateGrammar.tokens(of: paths, grammar: EditorTests.grammar, workingFolder: nbx.folder)
    let groups = try groups(of: paths, nbx)
    for (index, path) in paths.enumerated() {
      let last =
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false).count
        - 2
      let token = tokens.first { $0.file == index && $0.line == last }
      #expect(token?.text == "print" && token?.scopes == ["source.nbx", "keyword.control.nbx"], "\(path)")
      #expect(groups.first { $0.file == index && $0.line == last }?.group == "nbxStatement", "\(path)")
    }
  }

  private struct Group {
    let file, line, column: Int
    let group: String
  }

  private func groups(of paths: [String], _ nbx: NbxProgram) throws -> [Group] {
    let found = nbx.folder + "/groups"
    var vim = Subprocess(
      "vim",
      [
        "-u", "NONE", "-i", "NONE", "-n", "-es", "--cmd", "set runtimepath^=\(EditorTests.editors)/vim",
        "-S", NbxProgram.repository + "/Tests/Editors/groups.vim",
      ])
    vim.environment = nbx.environment.merging(
      ["NBX_FILES": paths.joined(separator: "\n"), "NBX_FOUND": found, "HOME": nbx.folder]) { $1 }
    vim.limit.until = .now + .seconds(300)
    #expect(try vim.run().succeeded)
    return try String(contentsOfFile: found, encoding: .utf8).split(separator: "\n").map { line in
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
      return Group(
        file: Int(parts[0]) ?? -1, line: Int(parts[1]) ?? -1, column: Int(parts[2]) ?? -1, group: String(parts[3]))
    }
  }

  /// Vim indents a shipped recipe as `nbx fmt` does, but for what only a parser can know.
  @Test func `Vim's indentation is that of the form`() throws {
    let nbx = try NbxProgram()
    let original = try String(contentsOfFile: NbxProgram.repository + "/recipes/lib/nats.nbx", encoding: .utf8)
    let flat = original.split(separator: "\n", omittingEmptySubsequences: false).map { $0.drop { $0 == " " } }
    let path = try nbx.write(flat.joined(separator: "\n"), to: "flat.nbx")
    var vim = Subprocess(
      "vim",
      [
        "-u", "NONE", "-i", "NONE", "-n", "-es", "--cmd", "set nocompatible runtimepath^=\(EditorTests.editors)/vim",
        "-c", "filetype plugin indent on", "-c", "edit!", "-c", "normal gg=G", "-c", "wq", path,
      ])
    vim.environment = nbx.environment.merging(["HOME": nbx.folder]) { $1 }
    vim.limit.until = .now + .seconds(120)
    #expect(try vim.run().succeeded)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == original)
  }
}
