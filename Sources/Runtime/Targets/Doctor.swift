import ValuesAndCommands

/// Looks at what this machine has of what a target needs. It changes nothing.
package struct Doctor {
  package struct Finding: Sendable, Equatable {
    package enum State: String, Sendable {
      case good = "ok"
      /// It works, perhaps not well.
      case warning
      case missing
      case tooOld = "too old"
      /// It is there and does not do its work.
      case broken
    }

    package let what: String
    package let state: State
    package let detail: String
    /// How to mend it, one way a line.
    package let advice: [String]

    package init(_ what: String, _ state: State, _ detail: String, advice: [String] = []) {
      self.what = what
      self.state = state
      self.detail = detail
      self.advice = advice
    }

    /// Whether the target can be used with it.
    package var isGood: Bool { state == .good || state == .warning }
  }

  package let environment: [String: String]
  /// How long each program has to answer.
  package var patience = Duration.seconds(10)
  /// Clients on this machine reach the clusters that k3d made at 4222 and the ports that follow.
  package var clientPorts: [UInt16] = [4222, 4223, 4224]

  package init(environment: [String: String]) { self.environment = environment }

  package func examine(_ target: any Target) -> [Finding] { target.findings(by: self) }

  /// - Parameter flaw: what else may be wrong with a program, by what it printed about its version.
  package func program(
    _ requirement: Requirement, flaw: (ProgramVersion, [UInt8]) -> Finding? = { _, _ in nil }
  ) -> Finding {
    let name = requirement.program
    guard (try? ProgramLookup.find(name, path: environment["PATH"], from: nil)) != nil else {
      return Finding(name, .missing, "not installed; \(requirement.purpose)", advice: requirement.installation)
    }
    let broken = ["run it yourself: \(([name] + requirement.versionArguments).joined(separator: " "))"]
    let result: ProgramResult
    do throws(ProcessError) {
      result = try Subprocess(name, requirement.versionArguments, environment: environment).ask(within: patience)
    } catch {
      return Finding(name, .broken, error.reason, advice: requirement.installation)
    }
    if result.timedOut { return Finding(name, .broken, "it does not say its version", advice: broken) }
    // docker tells its own version also where the engine does not answer.
    guard let version = ProgramVersion(in: String(decoding: result.output, as: UTF8.self)) else {
      let said = Text(String(decoding: result.errorOutput, as: UTF8.self)).lastLines(1).string
      return Finding(name, .broken, said.isEmpty ? "it does not say its version" : said, advice: broken)
    }
    guard let least = requirement.least(inPlaceOf: version) else {
      return flaw(version, result.output) ?? Finding(name, .good, "\(version)")
    }
    return Finding(
      name, .tooOld, "\(version), and it takes \(least) or newer: \(requirement.because)",
      advice: requirement.installation)
  }

  // MARK: Room

  package func cpus(_ count: Int64, least: Int64, _ what: String, advice: [String]) -> Finding {
    count >= least
      ? Finding("processors", .good, "\(count)")
      : Finding("processors", .warning, "\(count); \(what) take about \(least), idle", advice: advice)
  }

  /// A machine of 12 GiB tells of a little less.
  package func memory(_ bytes: Int64, least: Int64, _ what: String, advice: [String]) -> Finding {
    bytes >= least / 16 * 15
      ? Finding("memory", .good, Doctor.gibibytes(bytes))
      : Finding(
        "memory", .warning, "\(Doctor.gibibytes(bytes)); \(what) take about \(Doctor.gibibytes(least)), idle",
        advice: advice)
  }

  package static func gibibytes(_ bytes: Int64) -> String {
    let tenths = (bytes * 10 + 1 << 29) >> 30
    return tenths % 10 == 0 ? "\(tenths / 10) GiB" : "\(tenths / 10).\(tenths % 10) GiB"
  }
}
