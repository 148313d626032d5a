import Interpreter
import SandboxSystem
import Synchronization

extension Subprocess {
  /// Has it interrupted once it says a certain line; what else hears of its lines hears no more.
  ///
  /// - Parameter isDue: is asked of each line, until it says yes.
  package mutating func interrupt(onceItSays isDue: @escaping (ProgramStream, String) -> Bool) {
    let stop = StopSignal()
    limit.stop = stop
    onOutput = { stream, line in
      if stop.request == .none, isDue(stream, String(decoding: line, as: UTF8.self)) { stop.ask(.interrupt) }
    }
  }

  /// Runs it, and interrupts it once something is so, which is looked at all the while.
  package func run(interruptedWhen isDue: () -> Bool) throws -> ProgramResult {
    try withoutActuallyEscaping(isDue) { isDue in
      nonisolated(unsafe) let isDue = isDue
      var process = self
      let stop = limit.stop ?? StopSignal()
      process.limit.stop = stop
      let ended = Ended()
      let watcher = LaneThread.start {
        while !ended.isSo.load(ordering: .relaxed) {
          if isDue() { return stop.ask(.interrupt) }
          Pause.sleep(.milliseconds(20))
        }
      }
      defer {
        ended.isSo.store(true, ordering: .relaxed)
        watcher?.join()
      }
      return try process.run()
    }
  }
}

private final class Ended: Sendable {
  let isSo = Atomic<Bool>(false)
}
