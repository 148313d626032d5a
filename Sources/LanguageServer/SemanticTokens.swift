import Interpreter
import Lexer

/// What each stretch of a file is, as numbers: an editor colours by them.
enum SemanticTokens {
  private static let types = [
    "keyword", "function", "method", "variable", "parameter", "property", "string", "number", "comment", "decorator",
    "enumMember",
  ]
  private static let modifiers = ["declaration", "readonly", "defaultLibrary"]

  static var legend: Value {
    [
      "tokenTypes": .list(types.map(Value.string)), "tokenModifiers": .list(modifiers.map(Value.string)),
    ]
  }

  /// Five numbers a token; one of several lines is a token a line.
  static func encoded(_ index: NameIndex, _ lines: TextLines, _ encoding: PositionEncoding) -> Value {
    var data: [Value] = []
    data.reserveCapacity(index.stretches.count * 5)
    var last = (line: 0, character: 0)
    func add(_ start: Int, _ end: Int, _ type: Int, _ modifiers: Int) {
      guard end > start else { return }
      let place = lines.position(of: start, encoding)
      let until = lines.position(of: end, encoding)
      let isSameLine = place.line == last.line
      data.append(.int(Int64(place.line - last.line)))
      data.append(.int(Int64(isSameLine ? place.character - last.character : place.character)))
      data.append(.int(Int64(until.character - place.character)))
      data.append(.int(Int64(type)))
      data.append(.int(Int64(modifiers)))
      last = place
    }
    for stretch in index.stretches {
      let (type, modifiers) = kind(of: stretch, index)
      var start = Int(stretch.span.start)
      let end = Int(stretch.span.end)
      var place = start
      while place < end {
        if lines.bytes[place] == UInt8(ascii: "\n") || lines.bytes[place] == UInt8(ascii: "\r") {
          add(start, place, type, modifiers)
          start = place + 1
        }
        place += 1
      }
      add(start, end, type, modifiers)
    }
    return .list(data)
  }

  private static func kind(of stretch: Stretch, _ index: NameIndex) -> (type: Int, modifiers: Int) {
    let declaration = stretch.isBinding ? 1 : 0
    switch stretch.kind {
    case .keyword: return (0, 0)
    case .command: return (1, 4)
    case .task: return (1, declaration)
    case .function: return (1, 4)
    case .method: return (2, 4)
    case .name:
      switch index.name(of: stretch)?.kind {
      case .parameter, .taskParameter, .functionParameter: return (4, declaration | 2)
      case .variable: return (3, declaration)
      case .given: return (3, 6)
      default: return (3, declaration | 2)
      }
    case .label: return (4, 0)
    case .field, .key: return (5, 0)
    case .string, .word: return (6, 0)
    case .number: return (7, 0)
    case .comment: return (8, 0)
    case .flag: return (9, 0)
    case .subcommand: return (10, 0)
    }
  }
}

extension LanguageServer {
  func semanticTokens(_ parameters: Value) -> Value {
    guard let place = place(parameters) else { return .null }
    return ["data": SemanticTokens.encoded(place.index, place.lines, encoding)]
  }
}
