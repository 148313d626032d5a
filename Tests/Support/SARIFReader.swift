import Foundation
import SandboxSystem

/// What somebody else's reader of SARIF makes of a file: pydantic-sarif, made from the schema, takes nothing that the
/// schema does not name. Fetched once with pip.
public enum SARIFReader {
  private static let folder = Result {
    let kept = try "\(Home.folder())/test-programs/pydantic-sarif-0.1.1"
    let files = FileManager.default
    if files.fileExists(atPath: "\(kept)/pydantic_sarif") { return kept }
    let temporary = "\(kept).\(ProcessInfo.processInfo.processIdentifier)"
    defer { try? files.removeItem(atPath: temporary) }
    try RealPrograms.python([
      "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--retries", "1",
      "--only-binary", ":all:", "--target", temporary, "pydantic-sarif==0.1.1", "pydantic>=2.1.1,<3",
    ])
    // Another test process may have put it there meanwhile: the same files.
    rename(temporary, kept)
    return kept
  }

  /// A line for each result: `rule level path:line:column-line:column text`.
  public static func results(in text: String) throws -> [String] {
    let script = """
      import sys
      from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Log
      (run,) = Log.model_validate_json(sys.stdin.read()).runs
      rules = run.tool.driver.rules
      for result in run.results:
          assert rules[result.ruleIndex].id == result.ruleId
          place = result.locations[0].physicalLocation
          region = place.region
          lines = f"{region.startLine}:{region.startColumn}-{region.endLine}:{region.endColumn}" if region else ""
          print(result.ruleId, result.level.value, f"{place.artifactLocation.uri}:{lines}", result.message.text.splitlines()[0])
      """
    var python = Subprocess("python3", ["-c", script])
    python.standardInput = Array(text.utf8)
    python.environment["PYTHONPATH"] = try folder.get()
    python.limit.until = .now + .seconds(120)
    let result = try python.run()
    guard result.succeeded else {
      throw TestServerError(description: "pydantic-sarif: \(String(decoding: result.errorOutput, as: UTF8.self))")
    }
    return String(decoding: result.output, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
