import Interpreter
import SandboxPicture

/// In which form a run is told of, by the ending of the file's name.
package enum RunReport: String, CaseIterable, Sendable {
  case html, json, xml

  /// Nil where the ending is none of them.
  package init?(file: String) {
    guard let ending = file.split(separator: "/").last?.split(separator: ".").dropFirst().last else { return nil }
    self.init(rawValue: ending.lowercased())
  }

  package func text(_ record: RunRecord) -> String {
    switch self {
    case .html: TimelinePage(record).file
    case .json: record.value.json(indented: true).masked + "\n"
    case .xml: JUnit(record).text
    }
  }
}

/// The steps of a run as JUnit has it, for whoever collects tests: each step is a case, and the run itself is one.
private struct JUnit {
  private let record: RunRecord

  init(_ record: RunRecord) { self.record = record }

  var text: String {
    let failures = record.findings.filter { !$0.isHandled }
    let whole = record.ending == "done" || record.ending == "skipped"
    let cases = record.steps.map { step -> Markup in
      let name = step.lane.isEmpty ? step.name : "\(step.lane): \(step.name)"
      let failure: Markup = step.hasFailed ? "<failure message=\"the step failed\"/>" : .none
      return """
        <testcase classname="\(record.recipe)" name="\(name)" time="\(seconds(step.end - step.start))">\(failure)</testcase>

        """
    }
    let told = failures.map { "<failure message=\"\($0.title)\">\(Markup(lines: $0.text))</failure>" as Markup }
    let none: Markup = whole ? .none : "<failure message=\"\(record.ending)\"/>"
    let skipped: Markup = record.ending == "skipped" ? "<skipped/>" : .none
    let failed = record.steps.count(where: \.hasFailed) + (whole ? 0 : 1)
    let page: Markup = """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuites><testsuite name="\(record.recipe)" tests="\(record.steps.count + 1)" failures="\(failed)" \
      skipped="\(record.ending == "skipped" ? 1 : 0)" time="\(seconds(record.length))" timestamp="\(record.start.text)">
      \(cases)<testcase classname="\(record.recipe)" name="the whole run" time="\(seconds(record.length))">\
      \(told.isEmpty ? none : told.reduce(.none, +))\(skipped)</testcase>
      </testsuite></testsuites>

      """
    return page.html
  }

  private func seconds(_ duration: Duration) -> String {
    let milliseconds = duration.nanoseconds / 1_000_000
    let rest = String(milliseconds % 1000)
    return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
  }
}

extension Markup {
  /// Text of several lines, which stay lines.
  init(lines text: String) {
    var markup = Markup.none
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) { markup += "\(String(line))\n" }
    self = markup
  }
}
