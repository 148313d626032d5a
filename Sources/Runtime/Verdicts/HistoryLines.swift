/// A line of a history's file that could not be read.
package struct HistoryProblem: Error, Equatable, Sendable {
  /// Counted from 1.
  package var line: Int
  package var reason: String

  package init(line: Int, reason: String) { (self.line, self.reason) = (line, reason) }
}

extension History {
  /// The first line of a history's file, with its end.
  package static func firstLine(_ workload: Workload, _ name: String) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(contentsOf: #"{"history":"\#(workload.rawValue)","name":"#.utf8)
    bytes.append(quoted: name)
    bytes.append(contentsOf: "}\n".utf8)
    return bytes
  }

  /// The last line, which says that the recording came to its end.
  package static func lastLine(operations: Int) -> [UInt8] { Array("{\"operations\":\(operations)}\n".utf8) }

  /// The history as lines of JSON: what it is of, one operation a line, and how many there are if it came to its end.
  /// Numbers are whole and exact.
  package var lines: [UInt8] {
    var bytes = Self.firstLine(workload, name)
    for operation in operations { operation.appendLine(to: &bytes) }
    if isWhole { bytes.append(contentsOf: Self.lastLine(operations: operations.count)) }
    return bytes
  }

  /// Reads lines of JSON. A last line without an end that makes no sense was being written when the recording ended: it
  /// is left out, and the history is not whole.
  package init(lines bytes: [UInt8]) throws(HistoryProblem) {
    var history: History?
    var announced: UInt64?
    var start = 0
    var number = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      defer { start = end + 1 }
      number += 1
      do throws(LineProblem) {
        guard let line = try HistoryLine(bytes[start..<end]) else { continue }
        if announced != nil { throw LineProblem("something stands behind the line that ends the history") }
        if history == nil {
          history = try line.beginning()
        } else if let count = try line.number("operations") {
          announced = count
        } else {
          history?.operations.append(try line.operation())
        }
      } catch {
        if end == bytes.count, history != nil, announced == nil { break }
        throw HistoryProblem(line: number, reason: error.reason)
      }
    }
    guard var history else { throw HistoryProblem(line: max(1, number), reason: HistoryLine.beginning) }
    if let announced {
      let count = history.operations.count
      guard announced == count else {
        throw HistoryProblem(
          line: number, reason: "it says that there are \(announced) operations, and there are \(count)")
      }
      history.isWhole = true
    }
    self = history
  }
}

extension History.Operation {
  /// Appends the operation as a line of JSON, with its end.
  package func appendLine(to bytes: inout [UInt8]) {
    bytes.append(plain: #"{"client":"#)
    bytes.append(quoted: client)
    append(#","region":"#, region, to: &bytes)
    append(#","begin":"#, begin, to: &bytes)
    append(#","end":"#, end, to: &bytes)
    append(#","op":"#, kind.rawValue, to: &bytes)
    append(#","key":"#, key, to: &bytes)
    append(#","value":"#, value, to: &bytes)
    append(#","expected":"#, expected, to: &bytes)
    append(#","sequence":"#, sequence, to: &bytes)
    append(#","deliveries":"#, deliveries, to: &bytes)
    append(#","by":"#, by, to: &bytes)
    append(#","told":"#, told.rawValue, to: &bytes)
    append(#","why":"#, why, to: &bytes)
    bytes.append(plain: "}\n")
  }

  private func append(_ name: String, _ number: (some BinaryInteger)?, to bytes: inout [UInt8]) {
    guard let number else { return }
    bytes.append(plain: name)
    bytes.append(plain: number.description)
  }

  private func append(_ name: String, _ text: String?, to bytes: inout [UInt8]) {
    guard let text else { return }
    bytes.append(plain: name)
    bytes.append(quoted: text)
  }
}

/// Lines are written by the ten thousand a second, so text is appended by whole runs of bytes.
extension [UInt8] {
  fileprivate mutating func append(plain text: String) {
    var text = text
    text.withUTF8 { append(contentsOf: $0) }
  }

  /// Appends a text of JSON in its quotes.
  fileprivate mutating func append(quoted text: String) {
    var text = text
    append(UInt8(ascii: "\""))
    text.withUTF8 { utf8 in
      var rest = utf8[...]
      while let place = rest.firstIndex(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) {
        append(contentsOf: rest[..<place])
        if utf8[place] < 0x20 {
          append(plain: (utf8[place] < 0x10 ? "\\u000" : "\\u00") + String(utf8[place], radix: 16))
        } else {
          append(UInt8(ascii: "\\"))
          append(utf8[place])
        }
        rest = rest[(place + 1)...]
      }
      append(contentsOf: rest)
    }
    append(UInt8(ascii: "\""))
  }
}
