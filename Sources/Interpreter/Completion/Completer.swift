import Lexer

/// Tells what could stand at a place of a file that is being typed.
package struct Completer: Sendable {
  /// The words that could stand there.
  package let vocabulary: Vocabulary
  let live: (any LiveNames)?
  let read: @Sendable (String) -> [UInt8]?

  /// - Parameters:
  ///   - live: what there is outside of the file; nil if nobody knows.
  ///   - read: gives the files that the file names by `use` and `run`.
  package init(
    vocabulary: Vocabulary, live: (any LiveNames)? = nil,
    read: @escaping @Sendable (String) -> [UInt8]? = { _ in nil }
  ) {
    self.vocabulary = vocabulary
    self.live = live
    self.read = read
  }

  /// What could stand at `offset`, the likeliest first.
  ///
  /// - Parameters:
  ///   - index: gives the index of the file, if the caller keeps one: not every search needs it.
  ///   - session: names that are known besides those of the file, with their values.
  ///   - most: how many candidates there may be.
  package func complete(
    _ file: SourceFile, at offset: Int, index: (() -> NameIndex?)? = nil, session: [(name: String, value: Value)] = [],
    atMost most: Int = .max
  ) -> [CompletionItem] {
    let offset = min(max(offset, 0), file.bytes.count)
    var search = CompletionSearch(self, file, at: offset, index: index, session: session, atMost: most)
    return search.completions()
  }
}

/// One search for what could stand at a place.
struct CompletionSearch {
  let completer: Completer
  let file: SourceFile
  let offset: Int
  let session: [(name: String, value: Value)]
  let most: Int
  let symbols: NameTable
  /// What the grammar has due where that name begins, and what is open around it.
  let place: TypingPlace
  /// Whether nothing but the head of a recipe stands before.
  let isInHead: Bool
  private let isInComment: Bool
  /// Where that name begins.
  let nameStart: Int
  private let text: LazyIndex
  private let whole: LazyIndex
  private let rest: LazyIndex
  private var found: [CompletionItem] = []
  private var seen: Set<String> = []

  init(
    _ completer: Completer, _ file: SourceFile, at offset: Int, index: (() -> NameIndex?)?,
    session: [(name: String, value: Value)], atMost most: Int
  ) {
    self.completer = completer
    self.file = file
    self.offset = offset
    self.session = session
    self.most = most
    let vocabulary = completer.vocabulary
    let start = CompletionSearch.nameStart(in: file, before: offset)
    nameStart = start
    let before = SourceFile(path: file.path, bytes: Array(file.bytes[..<start]))
    var parser = Parser(before, vocabulary: vocabulary, names: vocabulary.names, for: .completing)
    let unit = parser.parse()
    text = LazyIndex { [parser] in NameIndex(unit, parser) }
    symbols = parser.lexer.names
    isInComment = parser.endsInComment
    place = parser.typing
    isInHead = !parser.hasStatements
    whole = LazyIndex {
      if start < offset, let index = index?() { return index }
      // Where nothing has been typed yet, some name has to stand for what will be.
      let bytes = Array(file.bytes[..<start]) + (start < offset ? [] : Array("x".utf8)) + file.bytes[start...]
      return NameIndex(SourceFile(path: file.path, bytes: bytes), vocabulary: vocabulary)
    }
    rest = LazyIndex {
      let end = file.lineRange(around: offset).upperBound
      return NameIndex(SourceFile(path: file.path, bytes: Array(file.bytes[end...])), vocabulary: vocabulary)
    }
  }

  /// The text up to the name that is being typed, as if the file ended there: what it binds.
  var before: NameIndex { text.index }
  /// The whole file, and what stands below the line.
  var index: NameIndex { whole.index }
  var below: NameIndex { rest.index }
  var vocabulary: Vocabulary { completer.vocabulary }

  private static func nameStart(in file: SourceFile, before offset: Int) -> Int {
    var start = offset
    while start > 0, Letters.continuesName(file.bytes[start - 1]) { start -= 1 }
    // `wait-for` is the one keyword with a hyphen.
    let hyphened = Array("wait-".utf8)
    let before = start - hyphened.count
    if before >= 0, file.bytes[before..<start].elementsEqual(hyphened),
      before == 0 || !Letters.continuesName(file.bytes[before - 1])
    {
      start = before
    }
    return start
  }

  mutating func completions() -> [CompletionItem] {
    let isBehindDollar = nameStart > 0 && file.bytes[nameStart - 1] == UInt8(ascii: "$")
    switch place.due {
    case .string(let quote, let start):
      if isBehindDollar, quote == .quote || quote == .tripleQuote {
        addNames()
      } else {
        completeString(from: start + 1)
      }
    case .word(let start): if isBehindDollar { addNames() } else { completeWord(from: start) }
    default: if !isInComment { completeCode() }
    }
    return found
  }

  // MARK: Adding

  /// Adds a candidate if what has been typed is its beginning.
  mutating func add(
    _ label: String, _ kind: CompletionItem.Kind, _ detail: @autoclosure () -> String,
    documentation: @autoclosure () -> String = "", text: String? = nil, from start: Int? = nil
  ) {
    let start = start ?? nameStart
    let typed = file.text(Span(start, offset))
    let text = text ?? label
    guard found.count < most, text.hasPrefix(typed), !seen.contains(label) else { return }
    seen.insert(label)
    found.append(
      CompletionItem(
        label: label, text: text, span: Span(start, offset), kind: kind, detail: detail(),
        documentation: documentation()))
  }

  mutating func addKeywords(_ keywords: [Keyword]) {
    for keyword in keywords {
      add(keyword.text, .keyword, keyword.usage, documentation: keyword.help)
    }
  }

  mutating func addClusters(from start: Int) {
    for name in completer.live?.clusters ?? [] { add(name, .cluster, "a cluster that is there", from: start) }
  }
}

/// An index that is made when it is first asked for.
private final class LazyIndex {
  private(set) lazy var index = make()
  private let make: () -> NameIndex
  init(_ make: @escaping () -> NameIndex) { self.make = make }
}
