import Foundation
import Testing

/// The folders of a module stand in an order: what is in one speaks of its own types and of those before it, so that no two
/// of them need each other and each can be read alone. (That modules do not, the compiler sees to.)
@Suite struct RoomOrderTests {
  /// The folders of each module with more than one, from those that know nothing of the others to those that know all.
  static let orders: [(module: String, rooms: [String])] = [
    ("Lexer", ["Text", "Tokens"])
  ]

  private static let sources = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Sources").standardized

  @Test(arguments: orders.map(\.module)) func `no room speaks of one behind it`(_ module: String) throws {
    let rooms = try #require(Self.orders.first { $0.module == module }).rooms
    let files = try Self.files(of: module)
    #expect(
      Set(files.map(\.room)) == Set(rooms), "the order of rooms has to name each folder of \(module), and no other")
    var owners: [String: Set<String>] = [:]
    for file in files { for name in file.declared { owners[name, default: []].insert(file.room) } }
    // A name that two rooms declare, each for itself, says nothing.
    let homes = owners.compactMapValues { $0.count == 1 ? rooms.firstIndex(of: $0.first ?? "") : nil }
    for file in files {
      guard let own = rooms.firstIndex(of: file.room) else { continue }
      for name in file.spoken {
        guard let home = homes[name], home > own else { continue }
        Issue.record("\(file.room)/\(file.name) speaks of \(name), which is in \(rooms[home]), a room behind it")
      }
    }
    #expect(homes.count > rooms.count * 2)
  }

  private struct File {
    let room: String
    let name: String
    /// The types that it declares at its outermost level.
    var declared: Set<String> = []
    /// The words in it that may be types of another file.
    var spoken: Set<String> = []
  }

  private static func files(of module: String) throws -> [File] {
    let folder = sources.appending(path: module)
    let paths = try #require(FileManager.default.enumerator(atPath: folder.path)).compactMap { $0 as? String }
    return try paths.filter { $0.hasSuffix(".swift") }.map { path in
      var file = File(
        room: (path as NSString).deletingLastPathComponent, name: (path as NSString).lastPathComponent)
      read([UInt8](try Data(contentsOf: folder.appending(path: path))), into: &file)
      return file
    }
  }

  /// Notes the names in a file, without those in texts and comments.
  private static func read(_ code: [UInt8], into file: inout File) {
    let modifiers: Set<String> = ["public", "package", "final", "indirect"]
    let kinds: Set<String> = ["struct", "class", "enum", "protocol", "typealias"]
    /// Whether only modifiers stand before this place of a line that begins at its margin; whether a kind of type does.
    var isDeclaration = true
    var isNameDue = false
    var place = 0
    func has(_ text: String) -> Bool { code[place...].starts(with: text.utf8) }
    func skip(behind end: String, onOneLine: Bool = true) {
      while place < code.count, !has(end), !onOneLine || code[place] != UInt8(ascii: "\n") {
        place += code[place] == UInt8(ascii: "\\") ? 2 : 1
      }
      place += end.utf8.count
    }
    while place < code.count {
      let byte = code[place]
      if has("//") {
        while place < code.count, code[place] != UInt8(ascii: "\n") { place += 1 }
      } else if has("\"\"\"") {
        place += 3
        skip(behind: "\"\"\"", onOneLine: false)
      } else if byte == UInt8(ascii: "\"") {
        place += 1
        skip(behind: "\"")
      } else if byte == UInt8(ascii: "_") || isLetter(byte) {
        let start = place
        while place < code.count, isLetter(code[place]) || code[place] == UInt8(ascii: "_") || isDigit(code[place]) {
          place += 1
        }
        let word = String(decoding: code[start..<place], as: UTF8.self)
        if isNameDue { file.declared.insert(word) }
        isNameDue = isDeclaration && kinds.contains(word)
        isDeclaration = isDeclaration && modifiers.contains(word)
        let isMember = start > 0 && code[start - 1] == UInt8(ascii: ".")
        if byte & 0x20 == 0, isLetter(byte), !isMember { file.spoken.insert(word) }
      } else {
        isDeclaration =
          byte == UInt8(ascii: "\n")
          || isDeclaration && byte == UInt8(ascii: " ") && place > 0
            && code[place - 1] != UInt8(ascii: "\n")
        place += 1
      }
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 }
  private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
}
