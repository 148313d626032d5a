import Interpreter

/// A file that an editor has open, with what is written in it now.
struct Document: Sendable {
  let uri: String
  let path: String
  private(set) var lines: TextLines
  private(set) var version: Int
  /// Counts up with every change, whatever versions the client gives.
  private(set) var edition = 0

  init(uri: String, path: String, text: String, version: Int) {
    self.uri = uri
    self.path = path
    lines = TextLines(Array(text.utf8))
    self.version = version
  }

  var bytes: [UInt8] { lines.bytes }

  /// Applies the changes of one notification in their order.
  mutating func apply(_ changes: [Value], version: Int?, _ encoding: PositionEncoding) {
    for change in changes {
      guard let text = change.member("text").asString else { continue }
      let range = change.member("range")
      guard !range.isNull else {
        lines = TextLines(Array(text.utf8))
        continue
      }
      let start = offset(range.member("start"), encoding)
      let end = max(start, offset(range.member("end"), encoding))
      var bytes = lines.bytes
      bytes.replaceSubrange(start..<end, with: Array(text.utf8))
      lines = TextLines(bytes)
    }
    self.version = version ?? self.version &+ 1
    edition += 1
  }

  func offset(_ position: Value, _ encoding: PositionEncoding) -> Int {
    lines.offset(
      line: position.member("line").asInt ?? 0, character: position.member("character").asInt ?? 0, encoding)
  }
}

/// Paths of files as `file:` URIs.
enum FileURI {
  /// The path; of what is in no file, the URI itself in angle brackets.
  static func path(of uri: String) -> String {
    guard uri.hasPrefix("file://") else { return "<\(uri)>" }
    let rest = uri.dropFirst("file://".count)
    guard let slash = rest.firstIndex(of: "/") else { return "<\(uri)>" }
    return SourcePath.normalized(rest[slash...].percentDecoded ?? String(rest[slash...]))
  }

  static func uri(of path: String) -> String {
    if path.hasPrefix("<"), path.hasSuffix(">") { return String(path.dropFirst().dropLast()) }
    return "file://" + path.percentEncoded(keeping: "/-._~")
  }
}

/// How a client counts in a line.
enum PositionEncoding: String, Sendable {
  case utf16 = "utf-16"
  case utf8 = "utf-8"
}

/// Where the lines of a text begin. A client ends lines with a line feed, a carriage return, or both.
struct TextLines: Sendable {
  let bytes: [UInt8]
  private let starts: [Int]
  /// How many UTF-16 units stand before every so many bytes: a line of megabytes is not counted through again and again.
  /// Empty if a byte is a unit.
  private var units: [Int] = []
  private static let stride = 1024

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    var starts = [0]
    bytes.withUnsafeBufferPointer { bytes in
      for index in bytes.indices {
        if bytes[index] == UInt8(ascii: "\n") {
          starts.append(index + 1)
        } else if bytes[index] == UInt8(ascii: "\r"), index + 1 == bytes.count || bytes[index + 1] != UInt8(ascii: "\n")
        {
          starts.append(index + 1)
        }
      }
    }
    self.starts = starts
    guard bytes.contains(where: { $0 >= 0x80 }) else { return }
    var count = 0
    bytes.withUnsafeBufferPointer { bytes in
      for index in bytes.indices {
        if index % TextLines.stride == 0 { units.append(count) }
        count += TextLines.width(of: bytes[index])
      }
    }
    units.append(count)
  }

  /// How many units a byte brings: that of a letter's first byte are all of the letter's.
  private static func width(of byte: UInt8) -> Int { byte & 0xc0 == 0x80 ? 0 : byte >= 0xf0 ? 2 : 1 }

  private func units(before offset: Int) -> Int {
    if units.isEmpty { return offset }
    let place = offset / TextLines.stride
    var count = units[place]
    for index in (place * TextLines.stride)..<offset { count += TextLines.width(of: bytes[index]) }
    return count
  }

  var count: Int { starts.count }

  /// The byte at a position; one behind the end of its line or of the text is that end.
  func offset(line: Int, character: Int, _ encoding: PositionEncoding) -> Int {
    guard line >= 0, line < starts.count else { return line < 0 ? 0 : bytes.count }
    let start = starts[line]
    let end = lineEnd(line)
    guard character > 0 else { return start }
    if encoding == .utf8 {
      var offset = min(start + min(character, bytes.count), end)
      // In the middle of a letter: before it.
      while offset > start, offset < end, bytes[offset] & 0xc0 == 0x80 { offset -= 1 }
      return offset
    }
    return offset(ofUnit: units(before: start) + min(character, bytes.count), from: start, to: end)
  }

  /// The letter that holds a unit, counted from the start of the text, within a line.
  private func offset(ofUnit unit: Int, from start: Int, to end: Int) -> Int {
    if units.isEmpty { return min(unit, end) }
    var low = start / TextLines.stride
    var high = end / TextLines.stride
    while low < high {
      let middle = (low + high + 1) / 2
      if units[middle] <= unit { low = middle } else { high = middle - 1 }
    }
    var offset = max(start, low * TextLines.stride)
    var count = units(before: offset)
    while offset < end {
      let width = TextLines.width(of: bytes[offset])
      // In the middle of a pair: before it.
      if width > 0, count + width > unit { break }
      count += width
      offset += 1
    }
    return offset
  }

  /// The position of a byte.
  func position(of offset: Int, _ encoding: PositionEncoding) -> (line: Int, character: Int) {
    let offset = min(max(offset, 0), bytes.count)
    var low = 0
    var high = starts.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if starts[middle] <= offset { low = middle } else { high = middle - 1 }
    }
    let start = starts[low]
    guard encoding == .utf16 else { return (low, offset - start) }
    return (low, units(before: offset) - units(before: start))
  }

  private func lineEnd(_ line: Int) -> Int {
    guard line + 1 < starts.count else { return bytes.count }
    var end = starts[line + 1] - 1
    if end > starts[line], bytes[end] == UInt8(ascii: "\n"), bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return end
  }
}
