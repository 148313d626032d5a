import Foundation
import Testing

/// The folders of a module stand in an order: what is in one speaks of its own types and of those before it, so that no two
/// of them need each other and each can be read alone. (That modules do not, the compiler sees to.)
@Suite struct RoomOrderTests {
  /// The folders of each module with more than one, from those that know nothing of the others to those that know all; by
  /// the folder in Sources that they lie in.
  static let orders: [(module: String, folder: String, rooms: [String])] = [
    ("Lexer", "Lexer", ["Text", "Tokens"]),
    (
      "NATS", "NATS",
      ["Errors", "Transport", "Wire", "Auth", "Client", "JetStream", "Buckets", "Monitoring", "Contexts"]
    ),
    (
      "Interpreter", "Interpreter",
      ["Values", "Host", "Syntax", "Check", "Evaluate", "Editing", "Completion", "Format", "Session"]
    ),
    ("SandboxSystem", "Runtime", ["System", "Progress", "Targets", "Programs"]),
    ("SandboxPicture", "Runtime", ["Pages", "Picture"]),
    ("SandboxRuntime", "Runtime", ["Report", "Commands", "Journal", "Host"]),
  ]

  private static let sources = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Sources").standardized

  @Test(arguments: orders.map(\.module)) func `no room speaks of one behind it`(_ module: String) throws {
    let order = try #require(Self.orders.first { $0.module == module })
    let rooms = order.rooms
    let files = try Self.files(of: order.folder).filter { order.folder != "Runtime" || rooms.contains($0.room) }
    #expect(
      Set(files.map(\.room)) == Set(rooms), "the order of rooms has to name each folder of \(module), and no other")
    var owners: [String: Set<String>] = [:]
    var inner: [String: Set<String>] = [:]
    for file in files {
      for name in file.declared { owners[name, default: []].insert(file.room) }
      inner[file.room, default: []].formUnion(file.inner)
    }
    // A name that two rooms declare, each for itself, says nothing.
    let homes = owners.compactMapValues { $0.count == 1 ? rooms.firstIndex(of: $0.first ?? "") : nil }
    for file in files {
      guard let own = rooms.firstIndex(of: file.room) else { continue }
      for name in file.spoken {
        guard let home = homes[name], home > own, inner[file.room]?.contains(name) != true else { continue }
        Issue.record("\(file.room)/\(file.name) speaks of \(name), which is in \(rooms[home]), a room behind it")
      }
    }
    #expect(homes.count > rooms.count * 2)
  }

  private struct File {
    let room: String
    let name: String
    /// The types that it declares at its outermost level.
    let declared: Set<String>
    /// Those that it declares within others.
    let inner: Set<String>
    /// The words in it that may be types of another file.
    let spoken: Set<String>
  }

  private static func files(of name: String) throws -> [File] {
    let folder = sources.appending(path: name)
    let paths = try #require(FileManager.default.enumerator(atPath: folder.path)).compactMap { $0 as? String }
    return try paths.filter { $0.hasSuffix(".swift") }.map { path in
      let text = try String(contentsOf: folder.appending(path: path), encoding: .utf8)
      let code = try NSRegularExpression(pattern: #"//[^\n]*|"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*""#)
        .stringByReplacingMatches(in: text, range: NSRange(text.startIndex..., in: text), withTemplate: " ")
      return File(
        room: (path as NSString).pathComponents[0], name: (path as NSString).lastPathComponent,
        declared: try names(#"^(?:(?:public|package|final|indirect) )*\#(kinds) ([A-Z]\w*)"#, in: code),
        inner: try names(#"^ .*\b\#(kinds) ([A-Z]\w*)"#, in: code),
        spoken: try names(#"(?<![.\w])([A-Z]\w*)"#, in: code))
    }
  }

  private static let kinds = "(?:struct|class|enum|protocol|typealias)"

  /// What the group of a pattern stands for, wherever the pattern is found. ICU's expressions are as quick in a debug build
  /// as in any.
  private static func names(_ pattern: String, in code: String) throws -> Set<String> {
    let text = code as NSString
    let found = try NSRegularExpression(pattern: pattern, options: .anchorsMatchLines)
      .matches(in: code, range: NSRange(location: 0, length: text.length))
    return Set(found.map { text.substring(with: $0.range(at: 1)) })
  }
}
