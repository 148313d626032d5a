import Interpreter

/// Which lines of its output a program's statement shows; in the record are all of them.
///
/// helm ends an upgrade with a table and the chart's notes, a hundred lines on what to do next for somebody who installs
/// one chart by hand. Of that people get to see how it ended. (`--hide-notes`, which says so to helm, came with 3.16.)
struct SpokenLines {
  private enum Part { case report, table, notes }

  private let isUpgrade: Bool
  private var part = Part.report

  init(of program: ProgramCall) {
    let words = ProgramWords(program.arguments, of: program.programName)
    isUpgrade = program.programName == "helm" && ["upgrade", "install"].contains(words.verb)
  }

  /// Takes the next line of the standard output.
  mutating func isSpoken(_ line: [UInt8]) -> Bool {
    guard isUpgrade else { return true }
    if part == .report, line.starts(with: "NAME: ".utf8) { part = .table }
    if part == .table, line.starts(with: "NOTES:".utf8) { part = .notes }
    return part == .report || (part == .table && line.starts(with: "STATUS: ".utf8))
  }
}
