import Testing

@testable import SandboxRuntime

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A test in a process of its own, for what counts or changes something that all threads share, or ends its process.
///
/// ```swift
/// @Test func diesAtOnce() throws {
///   if OwnProcess.task != nil { kill(getpid(), SIGKILL) }
///   #expect(try OwnProcess.run().status == .killed(signal: SIGKILL))
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
    // The filter is a regular expression over "Module.Suite/test()/File.swift:line:column".
    let name = test.replacing("(", with: "\\(").replacing(")", with: "\\)")
    let fileName = file.split(separator: "/").last ?? ""
    let arguments = ["--testing-library", "swift-testing", "--filter", "/\(name)/\(fileName):"]
    // Before the library's choice macOS names the bundle that holds the tests.
    let place = CommandLine.arguments.dropFirst().prefix { $0 != "--testing-library" }
    var program = Subprocess(CommandLine.arguments[0], place + arguments)
    program.environment = environment
    program.environment[variable] = task
    program.deadline = .now + .seconds(300)
    return try program.run()
  }

  /// Runs the body in a process of its own and passes on what failed there. It has to be all that the test does.
  static func expect(file: String = #fileID, test: String = #function, _ body: () throws -> Void) throws {
    guard task == nil else { return try body() }
    let result = try run(file: file, test: test)
    #expect(result.succeeded, "\(result.status) \(result.ending):\n\(result.text)\(result.errorText)")
  }
}
