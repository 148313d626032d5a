import TestSupport
import Testing

@testable import SandboxSystem

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite(.mayWait) struct SubprocessTests {
  @Test func keepsBothStreamsAndTheExitCode() throws {
    let result = try shell("echo out; echo err >&2; exit 3").run()
    #expect(result.status == .exited(code: 3))
    #expect(result.ending == .byItself)
    #expect(!result.succeeded)
    #expect(result.text == "out\n")
    #expect(result.errorText == "err\n")
    #expect(result.duration > .zero)
  }

  @Test func oneWordIsOneArgument() throws {
    let odd = ["", "a b", "$HOME", "*", "'\"", "é\n"]
    let result = try Subprocess("sh", ["-c", "for word; do printf '[%s]' \"$word\"; done", "sh"] + odd).run()
    #expect(result.text == odd.map { "[\($0)]" }.joined())
  }

  @Test func tellsASignal() throws {
    #expect(try shell("kill -KILL $$").run().status == .killed(signal: SIGKILL))
  }

  @Test func tenMegabytesThroughCatDoNotDeadlock() throws {
    var cat = Subprocess("cat")
    let bytes = (0..<10_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    cat.standardInput = bytes
    let result = try cat.run()
    #expect(result.succeeded)
    #expect(result.output == bytes)
  }

  @Test func aHundredMegabytesBothWaysDoNotEither() throws {
    var cat = Subprocess("cat")
    cat.standardInput = [UInt8](repeating: 65, count: 100_000_000)
    cat.keptLimit = 100_000_000
    let result = try cat.run()
    #expect(result.succeeded)
    #expect(result.output == cat.standardInput)
  }

  @Test func aProgramThatAnswersBeforeItHasReadAllDoesNotDeadlock() throws {
    // It fills its output while nbx fills its input.
    var command = shell("head -c 5000000 /dev/zero; cat > /dev/null; head -c 5000000 /dev/zero >&2")
    command.standardInput = [UInt8](repeating: 65, count: 5_000_000)
    let result = try command.run()
    #expect(result.output.count == 5_000_000)
    #expect(result.errorOutput.count == 5_000_000)
  }

  @Test func inputThatNobodyReadsIsNoError() throws {
    var command = Subprocess("true")
    command.standardInput = [UInt8](repeating: 65, count: 1_000_000)
    #expect(try command.run().succeeded)
  }

  @Test(arguments: [nil, []] as [[UInt8]?])
  func noInputIsAnEmptyOne(_ input: [UInt8]?) throws {
    var cat = Subprocess("cat")
    cat.standardInput = input
    let result = try cat.run()
    #expect(result.succeeded)
    #expect(result.output.isEmpty)
  }

  @Test func environmentAndFolderAreTheGivenOnes() throws {
    let folder = try ScratchFolder()
    var command = Subprocess("/bin/sh", ["-c", "echo \"$ONLY-${HOME-none}\"; echo here > made"])
    command.environment = ["ONLY": "this"]
    command.workingDirectory = folder.path
    #expect(try command.run().text == "this-none\n")
    #expect(folder.text("made") == "here\n")
  }

  @Test func handsOnWholeLinesAsTheyCome() throws {
    var lines: [String] = []
    var command = shell("printf 'a\\nb'; sleep 0.1; printf 'c\\r\\n\\n'; echo e >&2; printf last")
    command.onOutput = { stream, line in
      lines.append("\(stream == .output ? "o" : "e"):\(String(decoding: line, as: UTF8.self))")
    }
    _ = try command.run()
    #expect(lines.filter { $0.hasPrefix("o") } == ["o:a", "o:bc", "o:", "o:last"])
    #expect(lines.filter { $0.hasPrefix("e") } == ["e:e"])
  }

  @Test func aLineIsHandedOnWhileTheProgramRuns() throws {
    let folder = try ScratchFolder()
    var command = shell("echo ready; while [ ! -e seen ]; do sleep 0.05; done; echo went on")
    command.workingDirectory = folder.path
    command.limit.until = .now + patience
    command.onOutput = { _, line in
      if line == Array("ready".utf8) { _ = try? folder.script("seen", "") }
    }
    let result = try command.run()
    #expect(result.succeeded)
    #expect(result.text == "ready\nwent on\n")
  }

  @Test func aLineWithoutEndComesInPieces() throws {
    var sizes: [Int] = []
    var command = shell("head -c 300000 /dev/zero")
    command.onOutput = { _, line in sizes.append(line.count) }
    _ = try command.run()
    #expect(sizes.count > 1)
    #expect(sizes.reduce(0, +) == 300_000)
  }

  @Test func whatAProgramLeavesRunningIsNotWaitedFor() throws {
    let result = try shell("sleep 600 & echo $!; exit 0").run()
    let grandchild = try #require(Int32(result.text.dropLast()))
    defer { kill(grandchild, SIGKILL) }
    #expect(result.succeeded)
    #expect(isAlive(grandchild))
  }

  @Test func whatALeftoverFloodsIsNotReadForEver() throws {
    let result = try shell("yes & echo $! >&2; exit 0").run()
    let grandchild = try #require(Int32(result.errorText.dropLast()))
    defer { kill(grandchild, SIGKILL) }
    #expect(result.status == .exited(code: 0))
  }

  @Test func aFloodIsBoundedAndEnded() throws {
    var command = Subprocess("yes")
    command.keptLimit = 1_000_000
    var streamed = 0
    command.onOutput = { _, line in streamed += line.count + 1 }
    let result = try command.run()
    #expect(result.ending == .tooMuchOutput(.output))
    #expect(result.output.count == 1_000_000)
    #expect(streamed > 1_000_000)
    #expect(!result.succeeded)
  }

  @Test func exactlyTheLimitIsNotTooMuch() throws {
    var command = shell("head -c 5000 /dev/zero")
    command.keptLimit = 5000
    #expect(try command.run().succeeded)
    command.keptLimit = 4999
    #expect(try command.run().ending == .tooMuchOutput(.output))
  }
}

@Suite(.mayWait) struct SubprocessErrorTests {
  @Test func missingProgram() throws {
    var command = Subprocess("no-such-program-here")
    command.environment = ["PATH": "/bin:/usr/bin"]
    let error = #expect(throws: ProcessError.self) { try command.run() }
    #expect(error == .notFound(program: "no-such-program-here", searched: "/bin:/usr/bin"))
    #expect(error.map { "\($0)".contains("/bin:/usr/bin") } == true)
  }

  @Test func missingPath() throws {
    #expect(throws: ProcessError.notFound(program: "/no/such/program", searched: "")) {
      try Subprocess("/no/such/program").run()
    }
  }

  @Test func notExecutable() throws {
    let folder = try ScratchFolder()
    let file = try folder.script("tool", "#!/bin/sh\n")
    chmod(file, 0o644)
    var command = Subprocess("tool")
    command.environment = ["PATH": folder.path]
    #expect(throws: ProcessError.notRunnable(path: file, errno: EACCES)) { try command.run() }
  }

  @Test func noProgramForThisSystem() throws {
    let folder = try ScratchFolder()
    let file = try folder.script("tool", "neither script nor program")
    #expect(throws: ProcessError.notRunnable(path: file, errno: ENOEXEC)) { try Subprocess(file).run() }
  }

  @Test func missingWorkingDirectory() throws {
    var command = Subprocess("true")
    command.workingDirectory = "/no/such/folder"
    #expect(throws: ProcessError.noWorkingDirectory(path: "/no/such/folder", errno: ENOENT)) { try command.run() }
  }

  @Test func aZeroByteIsRefusedInsteadOfCuttingTheArgument() throws {
    #expect(throws: ProcessError.self) { try Subprocess("echo", ["a\0b"]).run() }
  }

  @Test func thePathIsSearchedInOrder() throws {
    let first = try ScratchFolder()
    let second = try ScratchFolder()
    _ = try second.script("tool", "#!/bin/sh\necho second\n")
    var command = Subprocess("tool")
    command.environment = ["PATH": "\(first.path):\(second.path)"]
    #expect(try command.run().text == "second\n")
    _ = try first.script("tool", "#!/bin/sh\necho first\n")
    #expect(try command.run().text == "first\n")
  }
}
