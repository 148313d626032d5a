import Interpreter
import Lexer

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
