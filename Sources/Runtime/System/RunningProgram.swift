import Machine

/// A started command, from its spawn to its exit: one loop over `poll(2)` that feeds its input, takes its output, and
/// watches its exit, its deadline and requests to stop. The exit alone ends the loop: the pipes' ends may be held by
/// grandchildren for as long as they like.
final class RunningProgram {
  struct End {
    var status: ExitStatus
    var ending: ProgramResult.Ending
  }

  private(set) var output: OutputCollector
  private(set) var errorOutput: OutputCollector
  private let command: Subprocess
  let pid: pid_t
  private let handle: OwnedDescriptor?
  private var input: OwnedDescriptor?
  private var inputSent = 0
  private var teardown: ProgramTeardown?

  /// How long a stop request may go unseen, in milliseconds.
  private static let stopPause: Int32 = 20
  /// How long an exit may go unseen where the system has no process handles, in milliseconds.
  private static let exitPause: Int32 = 2
  /// What helpers get to leave after the program that they belong to.
  private static let patienceWithTheRest = Duration.milliseconds(300)

  init(_ command: Subprocess, at path: String) throws(ProcessError) {
    let outputPipe = try OwnedPipe()
    let errorPipe = try OwnedPipe()
    let childInput: OwnedDescriptor
    if command.standardInput?.isEmpty == false {
      let inputPipe = try OwnedPipe()
      childInput = inputPipe.readEnd
      inputPipe.writeEnd.makeNonBlocking()
      ProcessPlatform.silenceBrokenPipe(inputPipe.writeEnd)
      input = inputPipe.writeEnd
    } else {
      guard let nothing = OwnedDescriptor.open("/dev/null", O_RDONLY) else {
        throw .system(call: "open /dev/null", errno: errno)
      }
      childInput = nothing
    }
    let spawn = ProcessSpawn(
      path: path, arguments: [command.program] + command.arguments, environment: command.environment,
      workingDirectory: command.workingDirectory, standardInput: childInput, standardOutput: outputPipe.writeEnd,
      standardError: errorPipe.writeEnd)
    self.command = command
    pid = try spawn.start()
    handle = ProcessPlatform.openHandle(pid)
    output = OutputCollector(
      .output, from: outputPipe.readEnd, keptLimit: command.keptLimit, onOutput: command.onOutput)
    errorOutput = OutputCollector(
      .errorOutput, from: errorPipe.readEnd, keptLimit: command.keptLimit, onOutput: command.onOutput)
    childInput.close()
    outputPipe.writeEnd.close()
    errorPipe.writeEnd.close()
  }

  /// Waits until the process has exited and takes its status.
  ///
  /// - Throws: `.wouldNotEnd` where even SIGKILL does not end it; `.system` where its status was taken by another.
  func waitForEnd() throws(ProcessError) -> End {
    var hasExited = false
    while !hasExited {
      hasExited = watch()
      guard !hasExited else { break }
      beginTeardownIfDue()
      if let step = teardown?.nextStep, step <= .now { teardown?.proceed() }
      if teardown?.isExhausted == true { throw .wouldNotEnd(program: command.program, pid: pid) }
    }
    if teardown != nil { endTheRest() }
    input?.close()
    output.finish()
    errorOutput.finish()
    return End(status: try reap(), ending: finalEnding)
  }

  /// One round of `poll(2)`. True: the process has exited.
  private func watch(forExit: Bool = true) -> Bool {
    var watched = [
      pollfd(fd: forExit ? handle?.number ?? -1 : -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: output.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: errorOutput.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: input?.number ?? -1, events: Int16(POLLOUT), revents: 0),
    ]
    guard poll(&watched, nfds_t(watched.count), pause(forExit: forExit)) >= 0 else { return false }
    if watched[1].revents != 0 { output.readSome() }
    if watched[2].revents != 0 { errorOutput.readSome() }
    if watched[3].revents != 0 { sendSomeInput() }
    return forExit && (handle == nil ? hasExitedByLooking : watched[0].revents != 0)
  }

  private func pause(forExit: Bool) -> Int32 {
    var pause = Int32.max
    if forExit, handle == nil { pause = Self.exitPause }
    if command.limit.stop != nil { pause = min(pause, Self.stopPause) }
    let next = teardown?.nextStep ?? command.limit.until
    if let next { pause = min(pause, (next - .now).pollMilliseconds) }
    return pause == .max ? -1 : pause
  }

  private var hasExitedByLooking: Bool {
    var facts = siginfo_t()
    // The status stays to be taken: until then the pid and its group are ours.
    guard waitid(P_PID, id_t(pid), &facts, WEXITED | WNOHANG | WNOWAIT) == 0 else { return errno == ECHILD }
    return facts.si_signo == SIGCHLD
  }

  private func sendSomeInput() {
    guard let input, let bytes = command.standardInput else { return }
    let sent = bytes.withUnsafeBytes { all in
      ProcessPlatform.writeQuietly(
        input.number, UnsafeRawBufferPointer(rebasing: all[inputSent..<min(all.count, inputSent + 64 << 10)]))
    }
    if sent > 0 { inputSent += sent }
    // A program need not read all of its input: a closed pipe is no error.
    let isBroken = sent < 0 && errno != EAGAIN && errno != EINTR
    if inputSent == bytes.count || isBroken {
      input.close()
      self.input = nil
    }
  }

  private func beginTeardownIfDue() {
    let request = command.limit.stop?.request ?? StopSignal.Request.none
    if teardown != nil {
      if request == .kill { teardown?.hurry() }
      return
    }
    let reason: ProgramResult.Ending? =
      if command.limit.isStopped {
        .stopped
      } else if command.limit.hasPassed {
        .timedOut
      } else {
        streamOverLimit.map { .tooMuchOutput($0) }
      }
    guard let reason else { return }
    teardown = ProgramTeardown(of: pid, because: reason, request: request, patience: command.patience)
  }

  private var streamOverLimit: ProgramStream? {
    if output.isOverLimit { return .output }
    return errorOutput.isOverLimit ? .errorOutput : nil
  }

  /// The last read, after the exit, may be the one that was too much.
  private var finalEnding: ProgramResult.Ending {
    teardown?.reason ?? streamOverLimit.map { .tooMuchOutput($0) } ?? .byItself
  }

  /// Helpers of a program that was ended may need a moment too; whether there are any shows in the pipes they hold.
  private func endTheRest() {
    teardown?.giveTheRest(Self.patienceWithTheRest)
    while let step = teardown?.nextStep, step > .now, !(output.hasEnded && errorOutput.hasEnded) {
      if command.limit.stop?.request == .kill { break }
      _ = watch(forExit: false)
    }
    kill(-pid, SIGKILL)
  }

  private func reap() throws(ProcessError) -> ExitStatus {
    var status: Int32 = 0
    var taken: pid_t
    repeat { taken = waitpid(pid, &status, 0) } while taken < 0 && errno == EINTR
    // Someone else in this process took it; better said than taken for a success.
    guard taken == pid else { throw .system(call: "waitpid", errno: errno) }
    let signal = status & 0x7f
    return signal == 0 ? .exited(code: status >> 8 & 0xff) : .killed(signal: signal)
  }
}

/// Takes in what a program writes to one of its streams: keeps it, up to a limit, and hands on whole lines.
struct OutputCollector {
  private(set) var kept: [UInt8] = []
  /// More came than was to be kept.
  private(set) var isOverLimit = false
  private let stream: ProgramStream
  private let pipe: OwnedDescriptor
  private let keptLimit: Int
  private let onOutput: ((ProgramStream, [UInt8]) -> Void)?
  private var unfinishedLine: [UInt8] = []

  private static let longestLine = 64 << 10
  private static let readSize = 64 << 10

  init(
    _ stream: ProgramStream, from pipe: OwnedDescriptor, keptLimit: Int,
    onOutput: ((ProgramStream, [UInt8]) -> Void)?
  ) {
    self.stream = stream
    self.pipe = pipe
    self.keptLimit = keptLimit
    self.onOutput = onOutput
    pipe.makeNonBlocking()
  }

  /// For `poll(2)`; -1 once nobody can write to it any more.
  var descriptor: Int32 { pipe.number }

  /// Whether every process that could write to it has gone or closed it.
  var hasEnded: Bool { pipe.number < 0 }

  /// Reads once. False: there was nothing to read.
  @discardableResult
  mutating func readSome() -> Bool {
    guard !hasEnded else { return false }
    var count = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: Self.readSize) { buffer, filled in
      repeat { count = read(pipe.number, buffer.baseAddress, buffer.count) } while count < 0 && errno == EINTR
      filled = max(0, count)
    }
    if count == 0 || (count < 0 && errno != EAGAIN) { pipe.close() }
    guard count > 0 else { return false }
    take(bytes)
    return true
  }

  /// Reads what the program wrote before it ended, and hands on the last, unfinished line. A process that it left behind
  /// may write on for ever: only what is in the pipe now is read.
  mutating func finish() {
    var waiting: Int32 = 0
    if !hasEnded, ioctl(pipe.number, UInt(FIONREAD), &waiting) == 0 {
      var left = Int(waiting)
      while left > 0, readSome() { left -= Self.readSize }
    }
    pipe.close()
    if !unfinishedLine.isEmpty { onOutput?(stream, unfinishedLine) }
    unfinishedLine = []
  }

  private mutating func take(_ bytes: [UInt8]) {
    let room = keptLimit - kept.count
    kept.append(contentsOf: bytes.prefix(room))
    if bytes.count > room { isOverLimit = true }
    if onOutput != nil { handOnLines(of: bytes) }
  }

  private mutating func handOnLines(of bytes: [UInt8]) {
    var rest = bytes[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      unfinishedLine.append(contentsOf: rest[..<end])
      if unfinishedLine.last == UInt8(ascii: "\r") { unfinishedLine.removeLast() }
      onOutput?(stream, unfinishedLine)
      unfinishedLine.removeAll(keepingCapacity: true)
      rest = rest[(end + 1)...]
    }
    unfinishedLine.append(contentsOf: rest)
    if unfinishedLine.count > Self.longestLine {
      onOutput?(stream, unfinishedLine)
      unfinishedLine = []
    }
  }
}

/// Ends a process group in stages, from asking to killing. It only keeps the time; whoever waits for the process calls
/// `proceed` when `nextStep` has come.
struct ProgramTeardown {
  let reason: ProgramResult.Ending
  private let group: pid_t
  private var steps: ArraySlice<Step>
  /// When the next signal is due; after SIGKILL, when waiting makes no sense any more.
  private(set) var nextStep: ContinuousClock.Instant
  private(set) var isExhausted = false

  private struct Step {
    var signal: Int32
    var patience: Duration
  }

  /// What a process gets to act on a signal that leaves no choice.
  private static let killPatience = Duration.seconds(5)

  init(
    of group: pid_t, because reason: ProgramResult.Ending, request: StopSignal.Request, patience: Subprocess.Patience
  ) {
    self.reason = reason
    self.group = group
    let kill = Step(signal: SIGKILL, patience: Self.killPatience)
    let ask = [
      Step(signal: SIGINT, patience: patience.afterInterrupt),
      Step(signal: SIGTERM, patience: patience.afterTerminate),
    ]
    steps = (request == .kill ? [kill] : ask + [kill])[...]
    nextStep = .now
  }

  /// Sends the signal that is due.
  mutating func proceed() {
    guard let step = steps.popFirst() else {
      isExhausted = true
      return
    }
    send(step.signal)
    nextStep = .now + step.patience
  }

  /// No more asking.
  mutating func hurry() {
    guard steps.count > 1 else { return }
    steps = steps.suffix(1)
    nextStep = .now
  }

  /// The leader has left; what is left of its group is asked once more, and has this long.
  mutating func giveTheRest(_ patience: Duration) {
    guard !steps.isEmpty else { return }
    send(SIGTERM)
    steps = steps.suffix(1)
    nextStep = .now + patience
  }

  /// The leader is not reaped yet, so the group's number cannot have passed to anyone else.
  private func send(_ signal: Int32) {
    kill(-group, signal)
    // Whoever is stopped would hear of it only once somebody lets it go on.
    kill(-group, SIGCONT)
  }
}
