import Lexer

@testable import Interpreter
@testable import ValuesAndCommands

/// A recipe's text as a parser sees it: its tree without a word on where anything stands, and its comments.
struct SyntaxDump {
  let tree: String
  let comments: [String]
  /// Its tokens, words and strings, without commas.
  let tokens: [String]
  let problems: [String]

  init(_ text: String, _ host: any Interpreter.Host = TestHost()) {
    let file = SourceFile(path: "main.nbx", text: text)
    let vocabulary = Vocabulary(host: host)
    var parser = Parser(file, vocabulary: vocabulary, names: vocabulary.names, for: .formatting)
    let unit = parser.parse()
    problems = parser.problems.map { $0.diagnostic(in: file).rendered(.plain) }
    var tree = ""
    SyntaxDump.write(unit, of: file, to: &tree)
    self.tree = tree
    let entries = parser.trace.entries
    tokens = entries.filter { $0.kind != .comma }.map { file.text(Span(Int($0.start), Int($0.end))) }
    var comments: [String] = []
    var end = 0
    for entry in entries {
      for line in file.text(Span(end, Int(entry.start))).split(whereSeparator: \.isNewline) {
        guard let start = line.firstIndex(of: "#") else { continue }
        var comment = line[start...]
        while comment.last == " " || comment.last == "\t" { comment.removeLast() }
        comments.append(String(comment))
      }
      end = Int(entry.end)
    }
    self.comments = comments
  }

  /// Writes whatever a node holds, by reflection: so nothing that is added to the tree is forgotten.
  private static func write(_ node: Any, of file: SourceFile, to text: inout String) {
    switch node {
    case is Span, is SourceFile: return
    case let word as Word:
      // A bare word is known by its place alone.
      text += "word(\(word.isSpread)"
      for piece in word.pieces(in: file) { write(piece, of: file, to: &text) }
      text += ")"
    case let string as String: text += string.debugDescription + " "
    default:
      let mirror = Mirror(reflecting: node)
      if mirror.children.isEmpty {
        text += "\(node) "
        return
      }
      text += "\(mirror.subjectType)("
      for child in mirror.children {
        text += (child.label ?? "") + ":"
        write(child.value, of: file, to: &text)
      }
      text += ")"
    }
  }
}
