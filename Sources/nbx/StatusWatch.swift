import Interpreter
import SandboxRuntime
import Synchronization

/// `nbx status --watch`: goes on showing what runs until it is interrupted, which is how it is meant to end.
struct StatusWatch {
  private let maker: PictureMaker
  private let terminal = Terminal.standardOutput

  private static let pause = Duration.seconds(1)
  private static let tick = Duration.milliseconds(50)

  init(_ maker: PictureMaker) { self.maker = maker }

  /// Pictures are taken by a thread of their own: servers that do not answer keep no key waiting.
  private final class Latest: Sendable {
    let picture = Mutex<SuperclusterPicture?>(nil)
  }

  func run() -> ExitCode {
    let stop = Interrupts.watched()
    let latest = Latest()
    let maker = maker
    _ = LaneThread.start {
      while true {
        let picture = maker.picture()
        latest.picture.withLock { $0 = picture }
        Pause.sleep(StatusWatch.pause)
      }
    }
    if terminal.isTerminal { watch(latest, stop) } else { tell(latest, stop) }
    return .done
  }

  private func watch(_ latest: Latest, _ stop: StopSignal) {
    let screen = FullScreen(terminal)
    defer { screen.leave() }
    screen.draw(["looking …"])
    var drawn: SuperclusterPicture?
    var size = (0, 0)
    while stop.request == .none, !screen.wantsToLeave {
      let now = (terminal.columns, terminal.rows)
      if let picture = latest.picture.withLock({ $0 }), picture != drawn || now != size {
        // Erasing to the end of a line would take a character in the last column away.
        screen.draw(WatchScreen(picture).lines(columns: now.0 - 1, rows: now.1, style: terminal.style))
        (drawn, size) = (picture, now)
      }
      screen.listen(for: StatusWatch.tick)
    }
  }

  /// Without a terminal: a report at first and at every change.
  private func tell(_ latest: Latest, _ stop: StopSignal) {
    var told: String?
    while stop.request == .none, !terminal.isDeserted {
      if let picture = latest.picture.withLock({ $0 }) {
        let screen = WatchScreen(picture)
        if screen.gist != told {
          terminal.write(screen.report + "\n")
          told = screen.gist
        }
      }
      Pause.sleep(StatusWatch.tick)
    }
  }
}
