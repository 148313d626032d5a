import Interpreter
import Lexer

/// The findings in the Static Analysis Results Interchange Format, OASIS SARIF 2.1.0: one run of one tool.
extension CheckReport {
  var sarif: String {
    let codes = Array(Set(findings.compactMap(\.diagnostic.code))).sorted()
    let places = Dictionary(uniqueKeysWithValues: codes.enumerated().map { ($1, $0) })
    let driver: Value = [
      "name": "nbx", "version": .string(Help.version), "semanticVersion": .string(Help.version),
      "rules": .list(codes.map(rule)),
    ]
    let run: Value = [
      "tool": ["driver": driver], "columnKind": "unicodeCodePoints",
      "invocations": [["executionSuccessful": true]],
      "results": .list(findings.map { $0.result(rule: $0.diagnostic.code.flatMap { places[$0] }) }),
    ]
    let whole: Value = [
      "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run],
    ]
    return whole.json(indented: true).masked + "\n"
  }

  private func rule(_ code: String) -> Value {
    guard let explanation = Explanation.of(code) else { return ["id": .string(code)] }
    return [
      "id": .string(code), "shortDescription": ["text": .string(explanation.summary)],
      "fullDescription": ["text": .string(explanation.text)], "help": ["text": .string(explanation.plainText)],
      "defaultConfiguration": ["level": .string(explanation.severity.rawValue)],
    ]
  }
}

extension CheckReport.Finding {
  fileprivate func result(rule: Int?) -> Value {
    var entries: [(String, Value)] = []
    if let code = diagnostic.code { entries.append(("ruleId", .string(code))) }
    if let rule { entries.append(("ruleIndex", .int(Int64(rule)))) }
    let message = diagnostic.title + (advice.map { "\nTry: \($0)" } ?? "")
    var place: Value = ["artifactLocation": artifact]
    if let location = diagnostic.location { place = ["artifactLocation": artifact, "region": region(location)] }
    entries += [
      ("level", .string(diagnostic.severity.rawValue)), ("message", ["text": .string(message)]),
      ("locations", [["physicalLocation": place]]),
    ]
    return .map(ValueMap(entries))
  }

  /// A relative path starts from the top of whatever is looked at, an absolute one is a URI of its own.
  private var artifact: Value {
    // What has a place in the path of a URI (RFC 3986, section 3.3).
    let escaped = path.percentEncoded(keeping: "-._~!$&'()*+,;=@/")
    if path.hasPrefix("/") { return ["uri": .string("file://" + escaped)] }
    return ["uri": .string(escaped), "uriBaseId": "%SRCROOT%"]
  }

  private func region(_ location: Location) -> Value {
    let start = location.file.scalarPosition(of: Int(location.span.start))
    let end = location.file.scalarPosition(of: Int(location.span.end))
    return [
      "startLine": .int(Int64(start.line)), "startColumn": .int(Int64(start.column)), "endLine": .int(Int64(end.line)),
      "endColumn": .int(Int64(end.column)),
    ]
  }
}

extension SourceFile {
  /// A byte's line, and its column as SARIF counts: in Unicode's code points, from 1.
  fileprivate func scalarPosition(of offset: Int) -> (line: Int, column: Int) {
    let (line, start) = line(of: offset)
    let before = bytes[start..<max(start, min(offset, bytes.count))]
    // Every byte but those that go on with a letter begins one.
    return (line, before.count { $0 & 0xc0 != 0x80 } + 1)
  }
}
