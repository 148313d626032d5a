import Machine
import Synchronization

/// How the terminal at standard input is set. Whatever ends the program, what was set before is set again.
public final class TerminalMode: Sendable {
  /// While a line is edited every key comes as it is; while something runs Ctrl-C and Ctrl-Z are signals. Typed keys are
  /// shown by nobody but the editor.
  enum Use { case editing, running }

  /// What was set before, for a signal's handler too, which may do little more than set it again.
  nonisolated(unsafe) private static var former = termios()
  private static let isChanged = Atomic<Bool>(false)
  private static let hasResized = Atomic<Bool>(false)
  private static let wasContinued = Atomic<Bool>(false)
  private static let isToStop = Atomic<Bool>(false)

  /// Signals that end the program where it stands.
  private static let deadly = [SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV]

  /// - Returns: nil if standard input is no terminal.
  init?() {
    var mode = termios()
    guard tcgetattr(0, &mode) == 0 else { return nil }
    if !TerminalMode.isChanged.load(ordering: .relaxed) { TerminalMode.former = mode }
    TerminalMode.handle([SIGWINCH]) { _ in TerminalMode.hasResized.store(true, ordering: .relaxed) }
    TerminalMode.handle([SIGCONT]) { _ in TerminalMode.wasContinued.store(true, ordering: .relaxed) }
    TerminalMode.handle(TerminalMode.deadly.filter { !Signals.isIgnored($0) }) { number in
      TerminalMode.restore()
      signal(number, SIG_DFL)
      raise(number)
    }
  }

  func set(_ use: Use) {
    var mode = TerminalMode.former
    mode.c_lflag &= ~tcflag_t(ECHO | ICANON | IEXTEN)
    mode.c_iflag &= ~tcflag_t(IXON | ICRNL | INLCR | ISTRIP)
    if use == .editing { mode.c_lflag &= ~tcflag_t(ISIG) }
    TerminalMode.isChanged.store(true, ordering: .relaxed)
    while tcsetattr(0, TCSADRAIN, &mode) < 0, errno == EINTR {}
    // A stop from outside leaves the terminal as it was, as long as a line is edited.
    if use == .editing {
      TerminalMode.handle([SIGTSTP]) { _ in TerminalMode.isToStop.store(true, ordering: .relaxed) }
    } else {
      signal(SIGTSTP, SIG_DFL)
    }
  }

  /// Sets what was set before the first change. May be called by a signal's handler.
  public static let restore: @convention(c) () -> Void = {
    guard TerminalMode.isChanged.exchange(false, ordering: .relaxed) else { return }
    tcsetattr(0, TCSANOW, &TerminalMode.former)
  }

  /// Stops the program, as Ctrl-Z does; returns when it goes on.
  func stop() {
    TerminalMode.restore()
    signal(SIGTSTP, SIG_DFL)
    _ = wasContinued
    kill(0, SIGTSTP)
    // Both signals may reach another thread, and this one goes on for a moment before the stop and before the handler's
    // note of its end. In a group that nobody could continue there is no stop.
    var pauses = 0
    while !wasContinued, pauses < TerminalMode.mostPauses {
      Pause.sleep(.milliseconds(1))
      pauses += 1
    }
  }

  /// How many milliseconds the program waits at most to be stopped.
  private static let mostPauses = 200

  /// Whether that has happened since the last look.
  var hasResized: Bool { TerminalMode.hasResized.exchange(false, ordering: .relaxed) }
  var wasContinued: Bool { TerminalMode.wasContinued.exchange(false, ordering: .relaxed) }
  var isToStop: Bool { TerminalMode.isToStop.exchange(false, ordering: .relaxed) }

  private static func handle(_ signals: [Int32], _ handler: @escaping @convention(c) (Int32) -> Void) {
    var action = sigaction()
    #if canImport(Glibc)
      action.__sigaction_handler.sa_handler = handler
    #else
      action.__sigaction_u.__sa_handler = handler
    #endif
    action.sa_flags = SA_RESTART
    for signal in signals { sigaction(signal, &action, nil) }
  }
}

/// The bytes between the program and the terminal: standard input and standard output.
struct TerminalPort {
  enum Read {
    case bytes([UInt8])
    case nothing
    /// A signal came.
    case signal
    case end
  }

  /// More is read at the next turn.
  private static let chunk = 64 << 10

  /// Waits for bytes.
  ///
  /// - Parameter milliseconds: how long at most; nil for as long as it takes.
  func read(within milliseconds: Int32?) -> Read {
    var entry = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
    let ready = poll(&entry, 1, milliseconds ?? -1)
    if ready < 0 { return errno == EINTR || errno == EAGAIN ? .signal : .end }
    if ready == 0 { return .nothing }
    var bytes = [UInt8](repeating: 0, count: TerminalPort.chunk)
    let count = bytes.withUnsafeMutableBytes { readBytes(0, $0.baseAddress, $0.count) }
    if count < 0 { return errno == EINTR || errno == EAGAIN ? .signal : .end }
    if count == 0 { return .end }
    bytes.removeLast(bytes.count - count)
    return .bytes(bytes)
  }

  /// Writes all of it, or nothing more once nobody reads.
  func write(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { writeBytes(1, $0.baseAddress, $0.count) }
      if written < 0 {
        guard errno == EINTR || errno == EAGAIN else { return }
        continue
      }
      bytes = bytes.dropFirst(written)
    }
  }

  var size: (columns: Int, rows: Int) {
    var size = winsize()
    guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return (80, 24) }
    return (Int(size.ws_col), Int(max(size.ws_row, 2)))
  }
}

/// `read` and `write` by other names, since the methods above hide them.
private func readBytes(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(descriptor, bytes, count)
}

private func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
