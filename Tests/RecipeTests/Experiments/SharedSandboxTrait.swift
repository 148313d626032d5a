import SandboxRuntime
import TestSupport
import Testing

/// Sets a sandbox up before the first test of a suite, and takes it away behind the last one.
struct SharedSandboxTrait: SuiteTrait, TestScoping {
  func provideScope(
    for test: Test, testCase: Test.Case?, performing tests: @Sendable () async throws -> Void
  ) async throws {
    let sandbox = try ExperimentSandbox()
    try await ExperimentSandbox.$current.withValue(sandbox) { try await tests() }
    try sandbox.end()
  }
}

extension Trait where Self == SharedSandboxTrait {
  /// 36 servers that the suite's tests share, `ExperimentSandbox.shared`.
  static var withSharedSandbox: Self { SharedSandboxTrait() }
}
