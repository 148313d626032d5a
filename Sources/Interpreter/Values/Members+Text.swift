#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The methods of text.
extension Member {
  private static let text: ValueKinds = [.string, .secret, .cluster]

  static let textMethods: [Member] = [
    Member("count", on: [.string, .cluster], gives: .int, "how many characters it has") {
      value, _ throws(ValueProblem) in
      var count: Int64 = 0
      let budget = Budget.ofThread
      for _ in value.string {
        try budget.spend(2)
        count += 1
      }
      return .int(count)
    },
    Member("lower", on: text, gives: .string, "in small letters") { value, _ throws(ValueProblem) in
      try value.mapped { $0.lowercased() }
    },
    Member("upper", on: text, gives: .string, "in capital letters") { value, _ throws(ValueProblem) in
      try value.mapped { $0.uppercased() }
    },
    Member("trim", on: text, gives: .string, "without white space at both ends") { value, _ in
      let bytes = Array(value.string.utf8)
      let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0d).contains($0) }
      let start = bytes.firstIndex { !isSpace($0) } ?? bytes.count
      let end = (bytes.lastIndex { !isSpace($0) } ?? start - 1) + 1
      return Value((value.asText ?? "").slice(start..<max(start, end)))
    },
    Member("lines", on: text, gives: .strings, "the list of its lines") { value, _ throws(ValueProblem) in
      try (value.asText ?? "").boundedLines()
    },
    Member("split", on: text, gives: .strings, "the words between white space") { value, _ throws(ValueProblem) in
      .list(try (value.asText ?? "").words())
    },
    Member("split", on: text, takes: [.text("\",\"")], gives: .strings, "the parts between") {
      value, arguments throws(ValueProblem) in
      let separator = try arguments[0].textArgument("split").string
      if separator.isEmpty { throw .wrong("`split` takes a text that is not empty") }
      return .list(try (value.asText ?? "").parts(between: separator).map { Value($0) })
    },
    Member(
      "replace", on: text, takes: [.text("\"a\""), .text("\"b\"")], gives: .string, "with every a replaced by b"
    ) { value, arguments throws(ValueProblem) in
      let old = try arguments[0].textArgument("replace").string
      let new = try arguments[1].textArgument("replace")
      if old.isEmpty { throw .wrong("`replace` takes a text that is not empty") }
      return Value(try (value.asText ?? "").replacing(old, with: new))
    },
    Member("starts_with", on: text, takes: [.text("\"a\"")], gives: .bool, "whether it begins so") {
      value, arguments throws(ValueProblem) in
      .bool(value.string.utf8.starts(with: try arguments[0].textArgument("starts_with").string.utf8))
    },
    Member("ends_with", on: text, takes: [.text("\"a\"")], gives: .bool, "whether it ends so") {
      value, arguments throws(ValueProblem) in
      .bool(
        value.string.utf8.reversed().starts(with: try arguments[0].textArgument("ends_with").string.utf8.reversed()))
    },
    Member("contains", on: text, takes: [.text("\"a\"")], gives: .bool, "whether that is part of it") {
      value, arguments throws(ValueProblem) in
      .bool(try Value.contains(.string(value.string), arguments[0]))
    },
    Member("base64", on: text, gives: .string, "encoded in Base64") { value, _ throws(ValueProblem) in
      try Value.checkBytes(value.string.utf8.count / 3 * 4)
      return value.derived { Data($0.utf8).base64EncodedString() }
    },
    Member("base64_decoded", on: text, gives: .string, "decoded from Base64") { value, _ throws(ValueProblem) in
      guard let bytes = try value.string.decodedBase64(), let decoded = String(validating: bytes, as: UTF8.self)
      else { throw .wrong("the text is no Base64 of UTF-8 text") }
      return value.derived { _ in decoded }
    },
    Member("json", on: text, gives: .unknown, "the value that the JSON text holds") {
      value, _ throws(ValueProblem) in try (value.asText ?? "").parsedJSON(what: "the text")
    },
    Member("int", on: [.string], gives: .int, "the whole number that it is") { value, _ throws(ValueProblem) in
      try value.read("a whole number") { Int64($0).map(Value.int) }
    },
    Member("float", on: [.string], gives: .float, "the number that it is") { value, _ throws(ValueProblem) in
      try value.read("a number") { Value.float(parsing: $0) }
    },
    Member("duration", on: [.string], gives: .type(ValueType(.duration)), "the duration that it is, as 30s") {
      value, _ throws(ValueProblem) in
      try value.read("a duration") { DurationValue(parsingSigned: $0).map(Value.duration) }
    },
    Member("size", on: [.string], gives: .type(ValueType(.size)), "the size that it is, as 2Gi; a number counts bytes")
    {
      value, _ throws(ValueProblem) in
      try value.read("a size") { SizeValue(parsingData: $0).map(Value.size) }
    },
  ]
}

/// The methods of numbers, durations, sizes and times.
extension Member {
  private static let numbers: ValueKinds = [.int, .float]

  static let numberMethods: [Member] = [
    Member("round", on: numbers, gives: .int, "to the nearest whole number") { value, _ throws(ValueProblem) in
      try whole(value.number.rounded(), value)
    },
    Member("round", on: numbers, takes: [.count("2")], gives: .float, "to two digits") {
      value, arguments throws(ValueProblem) in
      let factor = power(of: try arguments[0].countArgument("round"))
      let scaled = value.number * factor
      // So large a number has no digits behind the point.
      return .float(scaled.isFinite ? scaled.rounded() / factor : value.number)
    },
    Member("floor", on: numbers, gives: .int, "the next whole number below") { value, _ throws(ValueProblem) in
      try whole(value.number.rounded(.down), value)
    },
    Member("ceil", on: numbers, gives: .int, "the next whole number above") { value, _ throws(ValueProblem) in
      try whole(value.number.rounded(.up), value)
    },
    Member("abs", on: numbers, gives: .same, "without its sign") { value, _ throws(ValueProblem) in
      if case .int(let int) = value { return int < 0 ? try Value.negated(value) : value }
      return .float(abs(value.number))
    },
    Member("float", on: [.int], gives: .float, "the same number as a float") { value, _ in .float(value.number) },
    Member("int", on: [.float], gives: .int, "without what stands behind the point") {
      value, _ throws(ValueProblem) in
      try whole(value.number.rounded(.towardZero), value)
    },
    Member("seconds", on: [.duration], gives: .float, "as a float") { value, _ in
      if case .duration(let duration) = value { return .float(Double(duration.nanoseconds) / 1e9) }
      return .null
    },
    Member("milliseconds", on: [.duration], gives: .float, "as a float") { value, _ in
      if case .duration(let duration) = value { return .float(Double(duration.nanoseconds) / 1e6) }
      return .null
    },
    Member("size", on: [.int], gives: .type(ValueType(.size)), "as many bytes") { value, _ in
      if case .int(let bytes) = value { return .size(SizeValue(bytes: bytes)) }
      return .null
    },
    Member("bytes", on: [.size], gives: .int, "as an int") { value, _ in
      if case .size(let size) = value { return .int(size.bytes) }
      return .null
    },
    Member("unix", on: [.time], gives: .float, "seconds since 1970 as a float") { value, _ in
      if case .time(let time) = value { return .float(Double(time.nanoseconds) / 1e9) }
      return .null
    },
  ]

  private static func whole(_ rounded: Double, _ value: Value) throws(ValueProblem) -> Value {
    if case .int = value { return value }
    guard let int = Int64(exactly: rounded) else { throw .wrong("\(value.printed) is more than an int holds") }
    return .int(int)
  }

  private static func power(of digits: Int) -> Double {
    (0..<min(digits, 15)).reduce(1.0) { power, _ in power * 10 }
  }
}

extension Value {
  fileprivate var string: String { asText?.string ?? "" }

  /// Text made of this one, secret if this one is.
  fileprivate func derived(_ make: (String) -> String) -> Value {
    let text = asText ?? ""
    return Value(text.derived(make(text.string)))
  }

  /// Text made letter by letter of this one, secret if this one is.
  fileprivate func mapped(_ make: (String) -> String) throws(ValueProblem) -> Value {
    let text = asText ?? ""
    let budget = Budget.ofThread
    var made = ""
    var rest = text.string[...]
    while !rest.isEmpty {
      let scalars = rest.unicodeScalars
      let end = scalars.index(scalars.startIndex, offsetBy: 4_096, limitedBy: scalars.endIndex) ?? scalars.endIndex
      try budget.spend(4_096)
      made += make(String(rest[..<end]))
      rest = rest[end...]
    }
    return try Value.bounded(text.derived(made))
  }

  fileprivate func read(_ what: String, _ parse: (String) -> Value?) throws(ValueProblem) -> Value {
    let bytes = string.utf8.filter { $0 > 0x20 }
    let trimmed = String(decoding: bytes, as: UTF8.self)
    guard let value = parse(trimmed) else { throw .wrong("\(Value.quoted(string).truncated(to: 40)) is not \(what)") }
    return value
  }
}

extension String {
  /// The bytes that it means in Base64, which is broken into lines where it is long; nil if it is none.
  fileprivate func decodedBase64() throws(ValueProblem) -> Data? {
    let part = 1 << 14
    var bytes = Data()
    var digits = Data(capacity: part)
    for digit in utf8 where digit != 0x20 && !(0x09...0x0d).contains(digit) {
      if digits.count == part {
        // What fills up the last four digits has none behind it.
        guard digits.last != UInt8(ascii: "="), let decoded = Data(base64Encoded: digits) else { return nil }
        bytes += decoded
        digits.removeAll(keepingCapacity: true)
        try Budget.ofThread.spend(part)
      }
      digits.append(digit)
    }
    guard let decoded = Data(base64Encoded: digits) else { return nil }
    return bytes + decoded
  }
}

extension Text {
  fileprivate func parts(between separator: String) throws(ValueProblem) -> [Text] {
    var parts: [Text] = []
    try forEachPart(between: separator) { part throws(ValueProblem) in
      parts.append(part)
      try Value.checkCount(parts.count)
    }
    return parts
  }

  fileprivate func replacing(_ old: String, with new: Text) throws(ValueProblem) -> Text {
    var result = Text("")
    var isFirst = true
    try forEachPart(between: old) { part throws(ValueProblem) in
      if !isFirst { result.append(new) }
      isFirst = false
      result.append(part)
      try Value.checkBytes(result.string.utf8.count)
    }
    return result
  }

  private func forEachPart(
    between separator: String, _ body: (Text) throws(ValueProblem) -> Void
  ) throws(ValueProblem) {
    let bytes = Array(string.utf8)
    let search = ByteSearch(Array(separator.utf8))
    let budget = Budget.ofThread
    var start = 0
    while let found = try search.range(in: bytes[start...]) {
      try budget.spend(8)
      try body(slice(start..<found.lowerBound))
      start = found.upperBound
    }
    try body(slice(start..<bytes.count))
  }

  /// The words between white space.
  fileprivate func words() throws(ValueProblem) -> [Value] {
    var words: [Value] = []
    var start: Int?
    let budget = Budget.ofThread
    for (index, byte) in string.utf8.enumerated() {
      if byte == 0x20 || (0x09...0x0d).contains(byte) {
        if let begun = start {
          try budget.spend(index - begun + 4)
          words.append(Value(slice(begun..<index)))
          try Value.checkCount(words.count)
        }
        start = nil
      } else if start == nil {
        start = index
      }
    }
    if let start { words.append(Value(slice(start..<string.utf8.count))) }
    return words
  }
}
