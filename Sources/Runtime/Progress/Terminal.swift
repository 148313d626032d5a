import Lexer
import Synchronization
import ValuesAndCommands

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Standard output or standard error, and what is known about who reads it.
///
/// All that nbx shows goes through here, and what servers, programs and files have put into it is kept from a terminal as
/// long as it would be obeyed: see `fitForTerminal`.
package struct Terminal: Sendable {
  let descriptor: Int32
  package let isTerminal: Bool
  package let style: TextStyle
  /// Standard output that goes elsewhere is data, and stays as it is.
  private let isForPeople: Bool

  package static let standardOutput = Terminal(descriptor: 1)
  package static let standardError = Terminal(descriptor: 2)

  /// Colours only where a terminal shows them, and where `NO_COLOR` (no-color.org) is not set.
  init(descriptor: Int32) {
    self.descriptor = descriptor
    isTerminal = isatty(descriptor) == 1 && getenv("TERM").map { String(cString: $0) != "dumb" } ?? false
    let refusesColor = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
    style = isTerminal && !refusesColor ? .marked : .plain
    isForPeople = descriptor == STDERR_FILENO || isatty(descriptor) == 1
  }

  /// Where it is no terminal, those that COLUMNS says, else 80.
  package var columns: Int { size.columns }
  package var rows: Int { size.rows }

  private var size: (columns: Int, rows: Int) {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      let wished = getenv("COLUMNS").flatMap { Int(String(cString: $0)) } ?? 0
      return (wished > 0 ? wished : 80, 24)
    }
    return (Int(size.ws_col), Int(max(size.ws_row, 2)))
  }

  /// Whether somebody is at it, even if it can't move its cursor.
  package var isOpenTerminal: Bool { isatty(descriptor) == 1 }

  /// The text as it is written.
  func fit(_ text: String) -> String { isForPeople ? text.fitForTerminal : text }

  /// Writes all of it, or nothing more once the reader has gone.
  package func write(_ text: String) { put(Array(fit(text).utf8)) }

  /// The same in pieces: no more is written once it is to stop.
  ///
  /// - Returns: whether all of it was written.
  package func write(_ text: String, unless isStopped: () -> Bool) -> Bool {
    var rest = Array(fit(text).utf8)[...]
    while !rest.isEmpty {
      if isStopped() { return false }
      guard hasRoom(within: 50) else { continue }
      put(Array(rest.prefix(Terminal.piece)))
      rest = rest.dropFirst(Terminal.piece)
    }
    return true
  }

  /// A pipe that has room takes as much without waiting, and a terminal shows it in no time.
  private static let piece = 4 << 10

  /// Whether something can be written without waiting longer than so many milliseconds.
  func hasRoom(within milliseconds: Int32) -> Bool {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    return poll(&waiting, 1, milliseconds) > 0
  }

  /// The same of bytes.
  package func write(_ bytes: [UInt8]) {
    if isForPeople { write(String(decoding: bytes, as: UTF8.self)) } else { put(bytes) }
  }

  /// Writes what the terminal is to obey. Nothing of it may come from outside, unless `fit` made it so.
  func control(_ sequences: String) { put(Array(sequences.utf8)) }

  private func put(_ bytes: [UInt8]) {
    var bytes = bytes[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { writeBytes(descriptor, $0.baseAddress, $0.count) }
      guard written < 0 else {
        bytes = bytes.dropFirst(written)
        continue
      }
      switch errno {
      case EINTR: continue
      case EAGAIN:
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&waiting, 1, -1)
      case let problem:
        if descriptor == STDOUT_FILENO { Terminal.outputProblem.store(problem, ordering: .relaxed) }
        return
      }
    }
  }

  /// Why some of standard output was lost, as `errno` says it; nil if all of it was written, or its reader had enough.
  package static var lostOutput: Int32? {
    let problem = outputProblem.load(ordering: .relaxed)
    return problem == 0 || problem == EPIPE ? nil : problem
  }

  private static let outputProblem = Atomic<Int32>(0)
}

/// `write` by another name, since the method above hides it.
private func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  guard let bytes else { return 0 }
  return write(descriptor, bytes, count)
}

/// A terminal's second screen, drawn on without flicker. What was on the first is there again at the end, and so is the way
/// in which keys are read.
package final class FullScreen {
  private let terminal: Terminal
  private var former: termios?

  /// `q` or the end of the keyboard's input.
  package private(set) var wantsToLeave = false

  package init(_ terminal: Terminal = .standardOutput) {
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

  package func leave() {
    terminal.control("\u{1B}[?25h\u{1B}[?7h\u{1B}[?1049l")
    if var former { tcsetattr(0, TCSANOW, &former) }
  }

  /// ECMA-48: each line over what was there, the rest of it erased, then the rest of the screen; in one write.
  package func draw(_ lines: [String]) {
    let shown = lines.map { terminal.fit($0) + "\u{1B}[K" }
    terminal.control("\u{1B}[H" + shown.joined(separator: "\r\n") + "\u{1B}[J")
  }

  /// Waits for keys, for a short while.
  package func listen(for duration: Duration) {
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
  package var isDeserted: Bool {
    var entry = pollfd(fd: descriptor, events: 0, revents: 0)
    return poll(&entry, 1, 0) > 0 && entry.revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0
  }
}
