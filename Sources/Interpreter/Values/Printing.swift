import Lexer

extension Value {
  /// The value as a word or a part of a string; nil for what has no text of its own: a list, a map, null, an outcome.
  public var asText: Text? {
    switch self {
    case .string(let string): Text(string)
    case .secret(let text), .later(let text): text
    case .bool(let bool): Text(bool ? "true" : "false")
    case .int(let int): Text(String(int))
    case .float(let float): Text(Value.written(float))
    case .duration(let duration): Text(duration.text)
    case .size(let size): Text(size.text)
    case .time(let time): Text(time.text)
    case .cluster(let cluster): Text(cluster.name)
    case .record(let record): record.text
    case .null, .list, .map, .range, .outcome: nil
    }
  }

  /// The value as `print` shows it: text as it stands, everything else as it is written in a recipe. Secrets are masked.
  public var printed: String { asText?.masked ?? shown() }

  /// The value as it is written in a recipe, secrets masked, cut with a count once it is longer than `limit` letters.
  ///
  /// - Parameter isExact: no digit of an amount is left out.
  public func shown(limit: Int = .max, isExact: Bool = false) -> String {
    var writer = ShownWriter(limit: limit, isExact: isExact)
    writer.write(self)
    return writer.text
  }

  /// Reads a decimal number; nil if the text is none, or if it stands for no number that there is, as `nan` and `1e999` do.
  package static func float(parsing text: String) -> Value? {
    // C's numbers, as `0x1p3`, are none in recipes.
    guard text.utf8.allSatisfy({ Letters.isDigit($0) || ".+-eE".utf8.contains($0) }) else { return nil }
    return Double(text).flatMap { $0.isFinite ? .float($0) : nil }
  }

  /// A float so that it is read back as one: `2.0`, not `2`.
  package static func written(_ float: Double) -> String {
    "\(float)"
  }
}

/// Writes values for people, within a length.
private struct ShownWriter {
  /// Longer ranges are shown by their ends.
  private static let longestRange = 20

  let limit: Int
  let isExact: Bool
  var text = ""
  private var length = 0

  private let budget = Budget.ofThread

  init(limit: Int, isExact: Bool) {
    self.limit = min(limit, Value.mostBytes)
    self.isExact = isExact
  }

  private var isFull: Bool { length >= limit || !budget.allows(2) }

  private mutating func put(_ piece: String) {
    text += piece
    length += piece.utf8.count
  }

  mutating func write(_ value: Value) {
    switch value {
    case .null: put("null")
    case .list(let elements): writeAll(elements.count, elements, open: "[", close: "]") { $0.write($1) }
    case .range(let range) where range.count > ShownWriter.longestRange: put("\(range.first)..\(range.last)")
    case .range(let range): writeAll(Int(range.count), range, open: "[", close: "]") { $0.put(String($1)) }
    case .map(let map):
      writeAll(map.count, map, open: "{ ", close: " }") { writer, entry in
        writer.put(Value.keyText(entry.0))
        writer.put(": ")
        writer.write(entry.1)
      }
    case .outcome(let outcome):
      if let error = outcome.error {
        put("failed: \(Value.quoted(error.masked))")
      } else {
        put("ok: ")
        write(outcome.value)
      }
    case .string(let string): putQuoted(string)
    case .secret(let secret): putQuoted(secret.masked)
    case .record(let record): putQuoted(record.text.masked)
    case .duration(let duration) where isExact: put(duration.exactText)
    case .size(let size) where isExact:
      put(size.quantity)
      // A bare number is an int.
      if size.quantity.utf8.allSatisfy({ $0 < 0x3a }) { put("B") }
    default: put(value.asText?.masked ?? "")
    }
  }

  private mutating func putQuoted(_ string: String) {
    if string.utf8.count > limit {
      put(Value.quoted(String(string.prefix(max(8, limit - 4)))) + "…")
    } else {
      put(Value.quoted(string))
    }
  }

  private mutating func writeAll<Element>(
    _ count: Int, _ elements: some Sequence<Element>, open: String, close: String,
    _ write: (inout ShownWriter, Element) -> Void
  ) {
    guard count > 0 else { return put(String(open.prefix(1)) + String(close.suffix(1))) }
    put(open)
    var first = true
    for element in elements {
      if isFull {
        put(", … \(count) in all")
        break
      }
      if !first { put(", ") }
      first = false
      write(&self, element)
    }
    put(close)
  }
}

extension Value {
  /// The string as a recipe would write it.
  package static func quoted(_ string: String) -> String { string.quoted(escaping: "$") { "\\u{\($0)}" } }

  /// A map's key as a recipe would write it: bare if it is a name.
  package static func keyText(_ key: String) -> String {
    guard let first = key.utf8.first, Letters.startsName(first), key.utf8.allSatisfy(Letters.continuesName) else {
      return quoted(key)
    }
    return key
  }

  /// The value as `print` and a command's statement show it: a list of maps as a table, a map as lines, text as it is.
  public var displayed: String {
    switch self {
    case .list(let elements) where !elements.isEmpty:
      let budget = Budget.ofThread
      let rows = elements.compactMap { if case .map(let map) = $0 { map } else { nil } }
      if rows.count == elements.count, let text = Table.text(ofRows: rows, unless: { !budget.allows(64) }) {
        return text
      }
      return printed
    default: return printed
    }
  }
}

/// A table with a line around it, columns as wide as they must be.
public struct Table: Sendable {
  /// At which side of its column a cell stands.
  public enum Alignment: Sendable { case left, right }

  package var title: String?
  package var header: [String]
  package var rows: [[String]]
  /// Below a line of its own.
  var totals: [String]?
  var alignments: [Alignment]

  /// A table of rows that have a cell for each column, as header, totals and alignments have.
  public init(
    title: String? = nil, header: [String], rows: [[String]], totals: [String]? = nil, alignments: [Alignment]
  ) {
    self.title = title
    self.header = header
    self.rows = rows
    self.totals = totals
    self.alignments = alignments
  }

  /// A row for each map, a column for each key, in the order in which keys first occur.
  ///
  /// - Parameter isStopped: asked again and again; nil once it is true.
  package static func text(ofRows maps: some Sequence<ValueMap>, unless isStopped: () -> Bool) -> String? {
    var keys: [String] = []
    var known: Set<TextKey> = []
    for map in maps {
      if isStopped() { return nil }
      for key in map.keys where known.insert(TextKey(key)).inserted { keys.append(key) }
    }
    var rows: [[String]] = []
    for map in maps {
      if isStopped() { return nil }
      rows.append(
        keys.map { key in
          switch map[key] {
          case nil, .null: ""
          case .some(let value): value.asText?.masked ?? value.shown(limit: 48)
          }
        })
    }
    let alignments = keys.map { key in
      let isNumbers = maps.allSatisfy { if case .string = $0[key] { false } else { $0[key]?.isAmount ?? true } }
      return isNumbers ? Alignment.right : .left
    }
    return Table(header: keys, rows: rows, alignments: alignments).text(unless: isStopped)
  }

  /// Its lines, without a line end behind the last.
  public var text: String { text(unless: { false }) ?? "" }

  private func text(unless isStopped: () -> Bool) -> String? {
    var widths = header.map { displayWidth($0) }
    for row in rows + [totals ?? []] {
      if isStopped() { return nil }
      for (column, cell) in row.enumerated() { widths[column] = max(widths[column], Table.width(cell)) }
    }
    let blocks = Table.room.map { fit(&widths, into: $0.columns) } ?? [Array(header.indices)]
    var lines: [String] = []
    for (number, columns) in blocks.enumerated() {
      guard let block = block(columns, widths, title: number == 0 ? title : nil, unless: isStopped) else { return nil }
      lines += block
    }
    return lines.joined(separator: "\n")
  }

  /// Some of the columns, with a line around them.
  private func block(
    _ columns: [Int], _ widths: [Int], title: String?, unless isStopped: () -> Bool
  ) -> [String]? {
    var lines: [String] = []
    let bars = columns.map { String(repeating: "─", count: widths[$0] + 2) }
    if let title {
      let inner = bars.joined(separator: "─").count
      let shown = title.truncated(to: inner)
      let before = max(0, (inner - displayWidth(shown)) / 2)
      lines.append("╭" + String(repeating: "─", count: inner) + "╮")
      lines.append("│" + (String(repeating: " ", count: before) + shown).padded(to: inner) + "│")
      lines.append("├" + bars.joined(separator: "┬") + "┤")
    } else {
      lines.append("╭" + bars.joined(separator: "┬") + "╮")
    }
    let isLeft = alignments.map { _ in Alignment.left }
    lines += self.lines(header, columns, widths, isLeft, unless: isStopped) ?? []
    lines.append("├" + bars.joined(separator: "┼") + "┤")
    for row in rows {
      guard let shown = self.lines(row, columns, widths, alignments, unless: isStopped) else { return nil }
      lines += shown
    }
    if let totals {
      lines.append("├" + bars.joined(separator: "┼") + "┤")
      lines += self.lines(totals, columns, widths, alignments, unless: isStopped) ?? []
    }
    lines.append("╰" + bars.joined(separator: "┴") + "╯")
    return lines
  }

  /// A row; of more than one line where a cell is wider than its column. Nil if nobody wants it any more.
  private func lines(
    _ cells: [String], _ columns: [Int], _ widths: [Int], _ alignments: [Alignment], unless isStopped: () -> Bool
  ) -> [String]? {
    var parts: [[String]] = []
    for column in columns {
      guard let lines = Table.wrapped(cells[column], to: widths[column], unless: isStopped) else { return nil }
      parts.append(lines)
    }
    let height = parts.map(\.count).max() ?? 1
    return (0..<height).map { place in
      let shown = zip(columns, parts).map { column, lines -> String in
        let text = place < lines.count ? lines[place] : ""
        let blanks = String(repeating: " ", count: max(0, widths[column] - Table.width(text)))
        return " " + (alignments[column] == .right ? blanks + text : text + blanks) + " "
      }
      return "│" + shown.joined(separator: "│") + "│"
    }
  }
}

// MARK: Room

extension Table {
  /// How many columns of a terminal there are, and what nobody may see.
  struct Room: Sendable {
    package let columns: Int
    package let secrets: SecretRegistry?
  }

  /// For tables that are made here and now; nil for as much as they take.
  @TaskLocal static var room: Room?

  /// What is made within this fits so many columns of a terminal: long texts are wrapped, and columns for which there is
  /// no room come in further tables below, each with the first column again.
  ///
  /// - Parameter secrets: covered before a text is wrapped: in two parts they would not be known again.
  public static func fitting<Result, Problem: Error>(
    _ columns: Int?, covering secrets: SecretRegistry? = nil, _ body: () throws(Problem) -> Result
  ) throws(Problem) -> Result {
    let room = columns.map { Room(columns: $0, secrets: secrets) }
    let result = $room.withValue(room) { Swift.Result { () throws(Problem) in try body() } }
    return try result.get()
  }

  /// Text in a column is not wrapped to less.
  private static let narrowest = 24

  /// Makes columns narrower as far as that helps, and parts them into tables that each have room.
  private func fit(_ widths: inout [Int], into room: Int) -> [[Int]] {
    func total(_ columns: some Sequence<Int>) -> Int { columns.reduce(1) { $0 + widths[$1] + 3 } }
    let all = Array(widths.indices)
    if total(all) > room {
      // The widest ones first: to the largest width that all of them may have.
      let given = widths
      func narrow(to most: Int) {
        for column in all where alignments[column] == .left {
          widths[column] = min(given[column], max(most, Table.narrowest, displayWidth(header[column])))
        }
      }
      var (low, high) = (Table.narrowest, max(Table.narrowest + 1, given.max() ?? 0))
      while high - low > 1 {
        let middle = (low + high) / 2
        narrow(to: middle)
        if total(all) > room { high = middle } else { low = middle }
      }
      narrow(to: low)
      for column in all.reversed() where widths[column] == low && given[column] > low && total(all) < room {
        widths[column] += 1
      }
    }
    var blocks: [[Int]] = []
    for column in all {
      if let last = blocks.last, last.count < 2 || total(last + [column]) <= room {
        blocks[blocks.count - 1].append(column)
      } else {
        blocks.append(blocks.isEmpty ? [column] : [0, column])
      }
    }
    return blocks
  }

  /// Colours take no room.
  private static func width(_ cell: String) -> Int {
    guard cell.utf8.contains(0x1b) else { return displayWidth(cell) }
    return displayWidth(cell.replacing(/\u{1B}\[[0-9;]*m/, with: ""))
  }

  /// A text in lines of so many columns, parted at blanks where there are some. Nil if nobody wants it any more.
  private static func wrapped(_ text: String, to width: Int, unless isStopped: () -> Bool) -> [String]? {
    if isStopped() { return nil }
    guard Table.width(text) > width else { return [text] }
    return (room?.secrets?.covering(text).masked ?? text).wrapped(to: width, unless: isStopped)
  }
}

extension Value {
  fileprivate var isAmount: Bool {
    switch self {
    case .int, .float, .duration, .size, .null: true
    default: false
    }
  }
}
