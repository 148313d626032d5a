import Lexer

/// Tells what could stand at a place of a file that is being typed.
public struct Completer: Sendable {
  public let vocabulary: Vocabulary
  let live: (any LiveNames)?
  /// What is known of the words of commands that are not checked: programs of the system.
  let programs: [String: CommandGrammar]
  let read: @Sendable (String) -> [UInt8]?

  /// - Parameters:
  ///   - live: what there is outside of the file; nil if nobody knows.
  ///   - programs: the words of programs, by the programs' names.
  ///   - read: gives the files that the file names by `use` and `run`.
  public init(
    vocabulary: Vocabulary, live: (any LiveNames)? = nil, programs: [String: CommandGrammar] = [:],
    read: @escaping @Sendable (String) -> [UInt8]? = { _ in nil }
  ) {
    self.vocabulary = vocabulary
    self.live = live
    self.programs = programs
    self.read = read
  }

  /// What could stand at `offset`, the likeliest first.
  ///
  /// - Parameters:
  ///   - sketch: gives the sketch of the file, if the caller keeps one: not every search needs it.
  ///   - session: names that are known besides those of the file, with their values.
  ///   - most: how many candidates there may be.
  public func complete(
    _ file: SourceFile, at offset: Int, sketch: (() -> Sketch?)? = nil, session: [(name: String, value: Value)] = [],
    atMost most: Int = .max
  ) -> [CompletionItem] {
    let offset = min(max(offset, 0), file.bytes.count)
    var search = CompletionSearch(self, file, at: offset, sketch: sketch, session: session, atMost: most)
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
  /// The text up to the name that is being typed, as far as it has been read.
  var reader: SketchReader
  /// Where that name begins.
  let nameStart: Int
  private let whole: LazySketch
  private let below: LazySketch
  private var found: [CompletionItem] = []
  private var seen: Set<String> = []

  init(
    _ completer: Completer, _ file: SourceFile, at offset: Int, sketch: (() -> Sketch?)?,
    session: [(name: String, value: Value)], atMost most: Int
  ) {
    self.completer = completer
    self.file = file
    self.offset = offset
    self.session = session
    self.most = most
    let vocabulary = completer.vocabulary
    whole = LazySketch { sketch?() ?? Sketch(file, vocabulary: vocabulary) }
    below = LazySketch {
      let line = file.lineRange(around: offset).upperBound
      return Sketch(SourceFile(path: file.path, bytes: Array(file.bytes[line...])), vocabulary: vocabulary)
    }
    nameStart = CompletionSearch.nameStart(in: file, before: offset)
    // The file ends, for the reader, where the name begins: whatever is open there surrounds the place.
    let before = SourceFile(path: file.path, bytes: Array(file.bytes[..<nameStart]))
    var reader = SketchReader(before, vocabulary: completer.vocabulary)
    reader.read()
    self.reader = reader
  }

  /// What the file has above the place, and what below it: a task may be called before it is defined.
  var parts: [Sketch] { [reader.sketch, below.sketch] }
  /// The whole file's sketch.
  var sketch: Sketch { whole.sketch }
  var vocabulary: Vocabulary { completer.vocabulary }
  var top: SketchFrame { reader.top }

  private static func nameStart(in file: SourceFile, before offset: Int) -> Int {
    var start = offset
    while start > 0, Lexer.continuesName(file.bytes[start - 1]) { start -= 1 }
    // `wait-for` is the one keyword with a hyphen.
    let hyphened = Array("wait-".utf8)
    let before = start - hyphened.count
    if before >= 0, file.bytes[before..<start].elementsEqual(hyphened),
      before == 0 || !Lexer.continuesName(file.bytes[before - 1])
    {
      start = before
    }
    return start
  }

  mutating func completions() -> [CompletionItem] {
    if let last = reader.sketch.marks.last, last.kind == .comment, Int(last.span.end) >= nameStart { return [] }
    let isBehindDollar = nameStart > 0 && file.bytes[nameStart - 1] == UInt8(ascii: "$")
    switch top.kind {
    case .string(let quote):
      if isBehindDollar, quote == .quote || quote == .tripleQuote { addNames() } else { completeString() }
    case .word: if isBehindDollar { addNames() } else { completeWord(from: top.start) }
    case .command: completeWord(from: nameStart)
    default: completeCode()
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

  mutating func addLive(_ kind: LiveKind, _ as: CompletionItem.Kind, _ detail: String, from start: Int) {
    for name in completer.live?.names(of: kind) ?? [] { add(name, `as`, detail, from: start) }
  }
}

/// A sketch that is made when it is first asked for.
private final class LazySketch {
  private(set) lazy var sketch = make()
  private let make: () -> Sketch
  init(_ make: @escaping () -> Sketch) { self.make = make }
}
