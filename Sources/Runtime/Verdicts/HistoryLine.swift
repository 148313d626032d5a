/// What is wrong with a line of a history's file.
struct LineProblem: Error {
  let reason: String
  init(_ reason: String) { self.reason = reason }
}

/// A line of a history's file: an object of JSON with texts and whole numbers, read to the last digit.
///
/// Readers of any JSON take four times as long for it, and a history has a hundred thousand lines.
struct HistoryLine {
  private enum Field {
    case text(String)
    case number(isNegative: Bool, UInt64)
    /// `null`, `true` or `false`: nothing that a history holds.
    case other
  }

  private var fields: [(name: String, value: Field)] = []

  static let beginning = "no history begins so: its first line says of what it is, as {\"history\":\"stream\",…}"

  /// Nil for an empty line.
  init?(_ bytes: ArraySlice<UInt8>) throws(LineProblem) {
    var reader = Reader(bytes: bytes, place: bytes.startIndex)
    guard reader.next != nil else { return nil }
    try reader.expect(UInt8(ascii: "{"))
    fields.reserveCapacity(12)
    if reader.next != UInt8(ascii: "}") {
      repeat {
        let name = try reader.text()
        try reader.expect(UInt8(ascii: ":"))
        fields.append((name, try reader.field()))
      } while reader.skip(UInt8(ascii: ","))
    }
    try reader.expect(UInt8(ascii: "}"))
    if reader.next != nil { throw Reader.noJSON }
  }

  private func field(_ name: String) -> Field? { fields.first { $0.name == name }?.value }

  func text(_ name: String) throws(LineProblem) -> String? {
    switch field(name) {
    case .text(let text)?: text
    case nil: nil
    default: throw LineProblem("\"\(name)\" is no text")
    }
  }

  func number(_ name: String) throws(LineProblem) -> UInt64? {
    switch field(name) {
    case .number(false, let number)?: number
    case nil: nil
    default: throw LineProblem("\"\(name)\" is no whole number from 0 on")
    }
  }

  private func time(_ name: String) throws(LineProblem) -> Int64? {
    switch field(name) {
    case .number(false, let number)? where number <= Int64.max: Int64(number)
    case .number(true, let number)? where number <= Int64.max: -Int64(number)
    case nil: nil
    default: throw LineProblem("\"\(name)\" is no whole number of nanoseconds")
    }
  }

  private func needed<Value>(_ name: String, _ value: Value?) throws(LineProblem) -> Value {
    guard let value else { throw LineProblem("an operation has a \"\(name)\"") }
    return value
  }

  private func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String
  ) throws(LineProblem) -> Choice {
    let word = try needed(name, try text(name))
    if let choice = Choice(rawValue: word) { return choice }
    let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    throw LineProblem("\"\(name)\" is one of \(known), not \(word)")
  }

  /// The history that begins with this line, with nothing in it yet.
  func beginning() throws(LineProblem) -> History {
    guard case .text(let word)? = field("history"), let workload = History.Workload(rawValue: word) else {
      throw LineProblem(Self.beginning)
    }
    return History(workload, try text("name") ?? "", isWhole: false)
  }

  func operation() throws(LineProblem) -> History.Operation {
    History.Operation(
      try choice("op"), client: try needed("client", try text("client")), region: try text("region") ?? "",
      begin: try needed("begin", try time("begin")), end: try time("end"), key: try text("key") ?? "",
      value: try text("value"), expected: try number("expected"), sequence: try number("sequence"),
      deliveries: try number("deliveries"), by: try text("by"), told: try choice("told"), why: try text("why"))
  }

  private struct Reader {
    let bytes: ArraySlice<UInt8>
    var place: Int

    static let noJSON = LineProblem(
      "this is no JSON, or none that a history has: texts and whole numbers by their names")

    /// The next byte that is no blank; nil at the end.
    var next: UInt8? {
      mutating get {
        while place < bytes.endIndex, [0x20, 0x09, 0x0d].contains(bytes[place]) { place += 1 }
        return place < bytes.endIndex ? bytes[place] : nil
      }
    }

    mutating func skip(_ byte: UInt8) -> Bool {
      guard next == byte else { return false }
      place += 1
      return true
    }

    mutating func expect(_ byte: UInt8) throws(LineProblem) {
      if !skip(byte) { throw Self.noJSON }
    }

    mutating func field() throws(LineProblem) -> Field {
      guard let next else { throw Self.noJSON }
      if next == UInt8(ascii: "\"") { return .text(try text()) }
      for word in ["null", "true", "false"] where bytes[place...].starts(with: word.utf8) {
        place += word.utf8.count
        return .other
      }
      let isNegative = skip(UInt8(ascii: "-"))
      let start = place
      var number: UInt64 = 0
      while place < bytes.endIndex, bytes[place] >= 48, bytes[place] <= 57 {
        let (tens, isLarge) = number.multipliedReportingOverflow(by: 10)
        let (sum, isLarger) = tens.addingReportingOverflow(UInt64(bytes[place] - 48))
        if isLarge || isLarger { throw LineProblem("a number has more than 64 bits") }
        number = sum
        place += 1
      }
      guard place > start else { throw Self.noJSON }
      if place < bytes.endIndex, [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(bytes[place]) {
        throw LineProblem("a number is not whole")
      }
      return .number(isNegative: isNegative, number)
    }

    mutating func text() throws(LineProblem) -> String {
      try expect(UInt8(ascii: "\""))
      let start = place
      while place < bytes.endIndex, bytes[place] != UInt8(ascii: "\""), bytes[place] != UInt8(ascii: "\\") {
        place += 1
      }
      var text = String(decoding: bytes[start..<place], as: UTF8.self)
      while place < bytes.endIndex {
        if skip(UInt8(ascii: "\"")) { return text }
        if bytes[place] == UInt8(ascii: "\\") {
          text.unicodeScalars.append(try escaped())
        } else {
          let start = place
          while place < bytes.endIndex, bytes[place] != UInt8(ascii: "\""), bytes[place] != UInt8(ascii: "\\") {
            place += 1
          }
          text += String(decoding: bytes[start..<place], as: UTF8.self)
        }
      }
      throw Self.noJSON
    }

    private mutating func escaped() throws(LineProblem) -> Unicode.Scalar {
      place += 1
      guard place < bytes.endIndex else { throw Self.noJSON }
      let sign = bytes[place]
      place += 1
      switch sign {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(sign)
      case UInt8(ascii: "b"): return "\u{8}"
      case UInt8(ascii: "f"): return "\u{c}"
      case UInt8(ascii: "n"): return "\n"
      case UInt8(ascii: "r"): return "\r"
      case UInt8(ascii: "t"): return "\t"
      case UInt8(ascii: "u"):
        let first = try fourDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        // The first half of a character that UTF-16 writes in two.
        guard first < 0xdc00, bytes[place...].starts(with: "\\u".utf8) else { throw Self.noJSON }
        place += 2
        let second = try fourDigits()
        guard (0xdc00..<0xe000).contains(second),
          let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
        else { throw Self.noJSON }
        return scalar
      default: throw Self.noJSON
      }
    }

    private mutating func fourDigits() throws(LineProblem) -> UInt32 {
      guard bytes.endIndex - place >= 4,
        let number = UInt32(String(decoding: bytes[place..<place + 4], as: UTF8.self), radix: 16)
      else { throw Self.noJSON }
      place += 4
      return number
    }
  }
}
