#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension Method {
  private static let text = ["string", "secret", "cluster"]

  static let textMethods: [Method] = [
    Method(["string", "cluster"], "count", 0...0, "text.count: how many characters it has") {
      value, _ throws(ValueProblem) in
      var count: Int64 = 0
      let budget = Budget.ofThread
      for _ in value.string {
        try budget.spend(2)
        count += 1
      }
      return .int(count)
    },
    Method(text, "lower", 0...0, "text.lower: in small letters") { value, _ throws(ValueProblem) in
      try value.mapped { $0.lowercased() }
    },
    Method(text, "upper", 0...0, "text.upper: in capital letters") { value, _ throws(ValueProblem) in
      try value.mapped { $0.uppercased() }
    },
    Method(text, "trim", 0...0, "text.trim: without white space at both ends") { value, _ in
      let bytes = Array(value.string.utf8)
      let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0d).contains($0) }
      let start = bytes.firstIndex { !isSpace($0) } ?? bytes.count
      let end = (bytes.lastIndex { !isSpace($0) } ?? start - 1) + 1
      return Value((value.asText ?? "").slice(start..<max(start, end)))
    },
    Method(text, "lines", 0...0, "text.lines: the list of its lines") { value, _ throws(ValueProblem) in
      try (value.asText ?? "").boundedLines()
    },
    Method(text, "split", 0...1, "text.split(\",\"): the parts between; text.split: the words between white space") {
      value, arguments throws(ValueProblem) in
      let text = value.asText ?? ""
      guard let argument = arguments.first else { return .list(try text.words()) }
      let separator = try argument.textArgument("split").string
      if separator.isEmpty { throw .wrong("`split` takes a text that is not empty") }
      return .list(try text.parts(between: separator).map { Value($0) })
    },
    Method(text, "replace", 2...2, "text.replace(\"a\", \"b\"): with every a replaced by b") {
      value, arguments throws(ValueProblem) in
      let old = try arguments[0].textArgument("replace").string
      let new = try arguments[1].textArgument("replace")
      if old.isEmpty { throw .wrong("`replace` takes a text that is not empty") }
      return Value(try (value.asText ?? "").replacing(old, with: new))
    },
    Method(text, "starts_with", 1...1, "text.starts_with(\"a\"): whether it begins so") {
      value, arguments throws(ValueProblem) in
      .bool(value.string.utf8.starts(with: try arguments[0].textArgument("starts_with").string.utf8))
    },
    Method(text, "ends_with", 1...1, "text.ends_with(\"a\"): whether it ends so") {
      value, arguments throws(ValueProblem) in
      .bool(
        value.string.utf8.reversed().starts(with: try arguments[0].textArgument("ends_with").string.utf8.reversed()))
    },
    Method(text, "contains", 1...1, "text.contains(\"a\"): whether that is part of it") {
      value, arguments throws(ValueProblem) in
      .bool(try Value.contains(.string(value.string), arguments[0]))
    },
    Method(text, "base64", 0...0, "text.base64: encoded in Base64") { value, _ throws(ValueProblem) in
      try Value.checkBytes(value.string.utf8.count / 3 * 4)
      return value.derived { Data($0.utf8).base64EncodedString() }
    },
    Method(text, "base64_decoded", 0...0, "text.base64_decoded: decoded from Base64") { value, _ throws(ValueProblem) in
      guard let bytes = try value.string.decodedBase64(), let decoded = String(validating: bytes, as: UTF8.self)
      else { throw .wrong("the text is no Base64 of UTF-8 text") }
      return value.derived { _ in decoded }
    },
    Method(text, "json", 0...0, "text.json: the value that the JSON text holds; value.json: the value as JSON text") {
      value, _ throws(ValueProblem) in try (value.asText ?? "").parsedJSON(what: "the text")
    },
    Method(["string"], "int", 0...0, "text.int: the whole number that it is") { value, _ throws(ValueProblem) in
      try value.read("a whole number") { Int64($0).map(Value.int) }
    },
    Method(["string"], "float", 0...0, "text.float: the number that it is") { value, _ throws(ValueProblem) in
      try value.read("a number") { Value.float(parsing: $0) }
    },
    Method(["string"], "duration", 0...0, "text.duration: the duration that it is, as 30s") {
      value, _ throws(ValueProblem) in
      try value.read("a duration") { DurationValue(parsingSigned: $0).map(Value.duration) }
    },
    Method(["string"], "size", 0...0, "text.size: the size that it is, as 2Gi; a number counts bytes") {
      value, _ throws(ValueProblem) in
      try value.read("a size") { SizeValue(parsingData: $0).map(Value.size) }
    },
  ]
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
