import Foundation
import SandboxSystem

/// Chromium without a window, driven by `Tests/Browser/drive.py`.
public enum Browser {
  /// One thing that it does; see `drive.py`.
  public enum Step: Encodable {
    case open(String)
    /// Until a JavaScript expression is true, for so many seconds; gives its last value.
    case wait(String, Double)
    case value(String)
    case run([String])
    /// Interrupts a process.
    case end(Int32)
    case window(Int, Int)
    case scheme(String)
    case picture(String)
    case requests
    case complaints

    public func encode(to encoder: any Encoder) throws {
      var list = encoder.unkeyedContainer()
      switch self {
      case .open(let url):
        try list.encode("open")
        try list.encode(url)
      case .wait(let expression, let seconds):
        try list.encode("wait")
        try list.encode(expression)
        try list.encode(seconds)
      case .value(let expression):
        try list.encode("value")
        try list.encode(expression)
      case .run(let words):
        try list.encode("run")
        try list.encode(words)
      case .end(let pid):
        try list.encode("end")
        try list.encode(pid)
      case .window(let width, let height):
        try list.encode("window")
        try list.encode(width)
        try list.encode(height)
      case .scheme(let scheme):
        try list.encode("scheme")
        try list.encode(scheme)
      case .picture(let file):
        try list.encode("picture")
        try list.encode(file)
      case .requests: try list.encode("requests")
      case .complaints: try list.encode("complaints")
      }
    }
  }

  /// Does the steps one after the other; what comes of each, in the same order.
  ///
  /// - Throws: also where there is no Chromium. These tests are never passed over: nobody would notice.
  public static func run(_ steps: [Step], environment: [String: String]) throws -> [JSONTree] {
    guard
      let chromium = ["chromium", "chromium-browser", "google-chrome"].lazy.compactMap({ program($0, environment) })
        .first
    else {
      throw TestServerError(description: "the tests need a browser: install the package chromium (apt, brew)")
    }
    let steps = String(decoding: try JSONEncoder().encode(steps), as: UTF8.self)
    var process = Subprocess(
      "python3", [NbxProgram.repository + "/Tests/Browser/drive.py", chromium, steps], environment: environment)
    process.limit.until = .now + .seconds(900)
    let result = try process.run()
    let said = String(decoding: result.errorOutput, as: UTF8.self)
    guard result.succeeded else { throw TestServerError(description: "the browser: \(result.status) \(said)") }
    return try JSONTree(String(decoding: result.output, as: UTF8.self)).elements
  }

  private static func program(_ name: String, _ environment: [String: String]) -> String? {
    (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
      .first(where: FileManager.default.isExecutableFile)
  }
}
