import Testing

@testable import SandboxSystem

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A test in a process of its own, for what counts or changes something that all threads share, or ends its process.
///
/// ```swift
/// @Test func diesAtOnce() throws {
///   if OwnProcess.task != nil { kill(getpid(), SIGKILL) }
///   try OwnProcess.run().expectKilled()
/// }
/// ```
///
/// Swift Testing's exit tests will not do: while this process has another child that is not reaped yet, and the other
/// suites have many, their monitor spins on that one and never sees its own.
enum OwnProcess {
  private static let variable = "NBX_TEST_TASK"

  /// What the process was started for; nil in the one that runs all tests.
  static var task: String? { ProcessInfo.processInfo.environment[variable] }

  /// Runs this program again with a single test, the calling one unless another of the same file is named.
  ///
  /// Its exit code is 0 only if the test was found and passed; what it printed tells which expectation failed.
  static func run(
    _ task: String = "", environment: [String: String] = ProcessInfo.processInfo.environment,
    file: String = #fileID, test: String = #function
  ) throws -> ProgramResult {
    // A filter that misses its test could start all of them, and those all of them again.
    guard Self.task == nil else { throw StartedByAnother() }
    // The filter is a regular expression over "Module.Suite/test()/File.swift:line:column".
    let name = test.replacing("(", with: "\\(").replacing(")", with: "\\)")
    let filter = "/\(name)/\(file.split(separator: "/").last ?? ""):"
    // macOS loads the tests from a bundle.
    let bundle = CommandLine.arguments.drop { $0 != "--test-bundle-path" }.prefix(2)
    var program = Subprocess(
      CommandLine.arguments[0], bundle + ["--testing-library", "swift-testing", "--filter", filter])
    program.environment = environment
    program.environment[variable] = task
    program.limit.until = .now + .seconds(300)
    return try program.run()
  }

  private struct StartedByAnother: Error {}

  /// Runs the body in a process of its own and passes on what failed there. It has to be all that the test does.
  static func expect(file: String = #fileID, test: String = #function, _ body: () throws -> Void) throws {
    guard task == nil else { return try body() }
    try run(file: file, test: test).expectPassed()
  }
}

extension ProgramResult {
  /// For a test that ran in a process of its own.
  func expectPassed(sourceLocation: SourceLocation = #_sourceLocation) {
    let passed = succeeded
    #expect(passed, "\(status), \(ending):\n\(text)\(errorText)", sourceLocation: sourceLocation)
  }

  /// For a test that killed its process.
  func expectKilled(sourceLocation: SourceLocation = #_sourceLocation) {
    let wasKilled = ending == .byItself && status == .killed(signal: SIGKILL)
    #expect(wasKilled, "\(status), \(ending):\n\(text)\(errorText)", sourceLocation: sourceLocation)
  }
}
