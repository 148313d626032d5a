import Interpreter
import TestSupport
import Testing

@Suite(.mayWait) struct UnifiedDiffTests {
  private func difference(_ old: String, _ new: String) -> [String] {
    UnifiedDiff(of: Array(old.utf8), to: Array(new.utf8), path: "a.nbx").lines.map(\.text)
  }

  private func lines(_ numbers: some Sequence<Int>) -> String { numbers.map { "line \($0)\n" }.joined() }

  @Test func nothing() { #expect(difference("a\nb\n", "a\nb\n") == []) }

  @Test func twoPlaces() {
    let new = lines(1...20).replacing("line 2\n", with: "").replacing("line 15\n", with: "line 15\nmore\n")
    #expect(
      difference(lines(1...20), new) == [
        "--- a.nbx", "+++ a.nbx", "@@ -1,5 +1,4 @@", " line 1", "-line 2", " line 3", " line 4", " line 5",
        "@@ -13,6 +12,7 @@", " line 13", " line 14", " line 15", "+more", " line 16", " line 17", " line 18",
      ])
  }

  @Test func theEndOfTheLastLine() {
    #expect(
      difference("a", "a\n") == ["--- a.nbx", "+++ a.nbx", "@@ -1 +1 @@", "-a", "\\ No newline at end of file", "+a"])
    #expect(difference("\n\n", "") == ["--- a.nbx", "+++ a.nbx", "@@ -1,2 +0,0 @@", "-", "-"])
  }

  /// Whatever is found, what is kept and added is the new text, what is kept and removed the old one.
  @Test(arguments: 0..<200) func itTellsBothTexts(_ seed: Int) {
    var numbers = SeededNumbers(seed: seed)
    let old = (0..<Int.random(in: 0..<300, using: &numbers)).map { _ in Int.random(in: 0..<40, using: &numbers) }
    var new = old
    for _ in 0..<Int.random(in: 0..<30, using: &numbers) where !new.isEmpty {
      let place = Int.random(in: 0..<new.count, using: &numbers)
      switch Int.random(in: 0..<3, using: &numbers) {
      case 0: new.remove(at: place)
      case 1: new.insert(contentsOf: repeatElement(7, count: Int.random(in: 1..<150, using: &numbers)), at: place)
      default: new[place] += 1
      }
    }
    let found = UnifiedDiff(of: Array(lines(old).utf8), to: Array(lines(new).utf8), path: "a").lines
    var (oldAt, newAt) = (0, 0)
    let (oldLines, newLines) = (old.map { "line \($0)" }, new.map { "line \($0)" })
    for line in found {
      switch line {
      case .heading(let text) where text.hasPrefix("@@"):
        // Between two places both texts go on alike.
        let starts = text.split(separator: " ").dropFirst().prefix(2).map { $0.dropFirst().split(separator: ",") }
        let (oldStart, newStart) = (Int(starts[0][0]) ?? 0, Int(starts[1][0]) ?? 0)
        let next = starts[0].last == "0" ? oldStart : oldStart - 1
        #expect(next - oldAt == (starts[1].last == "0" ? newStart : newStart - 1) - newAt)
        #expect(Array(oldLines[oldAt..<next]) == Array(newLines[newAt..<(newAt + next - oldAt)]))
        newAt += next - oldAt
        oldAt = next
      case .heading: break
      case .kept(let text):
        #expect(oldLines[oldAt] == text && newLines[newAt] == text)
        oldAt += 1
        newAt += 1
      case .removed(let text):
        #expect(oldLines[oldAt] == text)
        oldAt += 1
      case .added(let text):
        #expect(newLines[newAt] == text)
        newAt += 1
      }
    }
    #expect(Array(oldLines[oldAt...]) == Array(newLines[newAt...]))
  }
}
