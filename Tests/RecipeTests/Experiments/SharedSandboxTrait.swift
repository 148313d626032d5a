import Testing

/// Sets a sandbox up before the first test of a suite, and takes it away behind the last one.
struct SharedSandboxTrait: SuiteTrait, TestScoping {
  let regions: [String]
  let parameters: [String]

  func provideScope(
    for test: Test, testCase: Test.Case?, performing tests: @Sendable () async throws -> Void
  ) async throws {
    let sandbox = try ExperimentSandbox(regions, parameters)
    try await ExperimentSandbox.$current.withValue(sandbox) { try await tests() }
    try sandbox.end()
  }
}

extension Trait where Self == SharedSandboxTrait {
  /// 36 servers that the suite's tests share, `ExperimentSandbox.shared`.
  static var withSharedSandbox: Self { SharedSandboxTrait(regions: ExperimentSandbox.regions, parameters: []) }

  /// Four servers, one of each release in one region, for tests that more would tell nothing.
  static var withSmallSandbox: Self { SharedSandboxTrait(regions: ["c1"], parameters: ["replicas=1"]) }

  /// Twelve servers, one of each release in three regions.
  static var withDozenSandbox: Self {
    SharedSandboxTrait(regions: ExperimentSandbox.regions, parameters: ["replicas=1"])
  }
}
