import Interpreter

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A terminal's second screen, drawn on without flicker. What was on the first is there again at the end, and so is the way
/// in which keys are read.
public final class FullScreen {
  private let terminal: Terminal
  private var former: termios?

  /// `q` or the end of the keyboard's input.
  public private(set) var wantsToLeave = false

  public init(_ terminal: Terminal = .standardOutput) {
    self.terminal = terminal
    var mode = termios()
    if tcgetattr(0, &mode) == 0 {
      former = mode
      // Keys come at once and are not shown; Ctrl-C stays a signal.
      mode.c_lflag &= ~tcflag_t(ECHO | ICANON)
      tcsetattr(0, TCSANOW, &mode)
    }
    // Stopped, nbx would leave the second screen behind.
    signal(SIGTSTP, SIG_IGN)
    // xterm: the second screen, no wrapping at the right border, no cursor.
    terminal.control("\u{1B}[?1049h\u{1B}[?7l\u{1B}[?25l")
  }

  public func leave() {
    terminal.control("\u{1B}[?25h\u{1B}[?7h\u{1B}[?1049l")
    if var former { tcsetattr(0, TCSANOW, &former) }
  }

  /// ECMA-48: each line over what was there, the rest of it erased, then the rest of the screen; in one write.
  public func draw(_ lines: [String]) {
    let shown = lines.map { terminal.fit($0) + "\u{1B}[K" }
    terminal.control("\u{1B}[H" + shown.joined(separator: "\r\n") + "\u{1B}[J")
  }

  /// Waits for keys, for a short while.
  public func listen(for duration: Duration) {
    guard former != nil else { return Pause.sleep(duration) }
    var entry = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
    guard poll(&entry, 1, Int32(duration / .milliseconds(1))) > 0 else { return }
    var key: UInt8 = 0
    let count = read(0, &key, 1)
    if count == 1, key == UInt8(ascii: "q") || key == 4 { wantsToLeave = true }
    if count == 0 { wantsToLeave = true }
  }
}

extension Terminal {
  /// Whether nobody reads any more what is written.
  public var isDeserted: Bool {
    var entry = pollfd(fd: descriptor, events: 0, revents: 0)
    return poll(&entry, 1, 0) > 0 && entry.revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0
  }
}
