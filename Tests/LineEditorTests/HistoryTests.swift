import Foundation
import Testing

@testable import LineEditor

/// What was entered before, in a file that several programs share.
struct HistoryTests {
  private let path = NSTemporaryDirectory() + "nbx-history-\(UUID().uuidString.prefix(8))"

  @Test func `entries of several lines come back as they were`() {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let entries = ["let a = 1", "if a {\n  print \"x\\n\"\n}", "back\\slash \\n", "東京"]
    let file = HistoryFile(path: path)
    for entry in entries { file.add(entry) }
    #expect(file.entries(most: 10) == entries)
    #expect(file.entries(most: 2) == Array(entries.suffix(2)))
  }

  @Test func `an entry begins a line, even behind half a one`() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data("let a = 1\nfoo".utf8).write(to: URL(fileURLWithPath: path))
    let file = HistoryFile(path: path)
    file.add("print 5")
    file.add("print 6")
    #expect(file.entries(most: 10) == ["let a = 1", "foo", "print 5", "print 6"])
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("let a = 1\nfoo\nprint 5\nprint 6\n".utf8))
  }

  @Test func `nobody else may read it`() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    HistoryFile(path: path).add("x")
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test func `two that write at once lose nothing, even while the file is shortened`() async {
    defer { try? FileManager.default.removeItem(atPath: path) }
    // Of the entries that count, more than the largest file holds: each reader shortens it.
    let file = HistoryFile(path: path, largest: 4 << 10)
    for _ in 0..<20 { file.add(String(repeating: "x", count: 400)) }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { for _ in 0..<150 { _ = file.entries(most: 10_000) } }
      for writer in 0..<2 {
        group.addTask { for entry in 0..<1000 { file.add("\(writer): \(entry)") } }
      }
    }
    let found = file.entries(most: 10_000).filter { !$0.hasPrefix("x") }
    #expect(found.count == 2000)
    for writer in 0..<2 {
      #expect(found.filter { $0.hasPrefix("\(writer):") } == (0..<1000).map { "\(writer): \($0)" })
    }
  }

  @Test func `a file that grew too large is cut to what counts`() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let file = HistoryFile(path: path, largest: 64 << 10)
    let long = String(repeating: "y", count: 1000)
    for number in 0..<100 { file.add("\(number)\(long)") }
    #expect(file.entries(most: 3).map { $0.prefix(2) } == ["97", "98", "99"])
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    #expect(try #require(size) < 4000)
  }

  @Test(arguments: ["/proc/nowhere/history", "/dev/null/x"])
  func `where it can't be written there is none`(path: String) {
    let file = HistoryFile(path: path)
    file.add("x")
    #expect(file.entries(most: 10) == [])
  }

  @Test func `the same entry again is one, and old ones are forgotten`() {
    var history = History(most: 10)
    for entry in ["a", "a", "", "b", "a"] { history.add(entry) }
    #expect(history.entries == ["a", "b", "a"])
    for number in 0..<100 { history.add("\(number)") }
    #expect(history.entries.count <= 11 && history.entries.last == "99")
  }
}
