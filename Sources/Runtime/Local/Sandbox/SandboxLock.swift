import Interpreter
import Synchronization

/// Keeps other nbx from changing the sandbox meanwhile. All lanes of this one share it, from its first use to the end.
final class SandboxLock: Sendable {
  private struct State {
    var lock: FileLock?
    /// Whether somebody was told that we wait.
    var isTold = false
  }

  private let folders: SandboxFolders
  private let purpose: String
  private let state = Mutex(State())

  /// - Parameter purpose: what this nbx does, for others: "nbx run recipes/install.nbx".
  init(_ folders: SandboxFolders, for purpose: String) {
    self.folders = folders
    self.purpose = purpose
  }

  /// Waits until no other nbx has it; whoever has it already goes on at once.
  func take(_ limits: CallLimits) throws(CommandFailure) {
    while !(try tryTake()) {
      if isFirstToTell() { limits.say(Text("waiting: \(holder) is changing the sandbox")) }
      do {
        try limits.pause(20, "waiting for the sandbox, which \(holder) holds", givingUpFrom: .windDown)
      } catch {
        var failure = error
        if failure.kind == .timedOut { failure.advice = "let it finish, or end it; then run this again" }
        throw failure
      }
    }
  }

  /// Who has it, for status; nil if nobody or this nbx has.
  var otherHolder: String? {
    let isOurs = state.withLock { $0.lock != nil }
    if isOurs { return nil }
    // An empty file was let go of; one that a killed nbx left behind is told apart by trying.
    guard StateFile.bytes(of: folders.lock)?.isEmpty == false else { return nil }
    guard let lock = try? FileLock.tryAcquire(folders.lock, for: "looking at its state") else { return holder }
    lock.release()
    return nil
  }

  /// Lets others go on; the next use takes it again.
  func letGo() {
    state.withLock { state in
      state.lock?.release()
      state.lock = nil
    }
  }

  private var holder: String { FileLock.holder(of: folders.lock) }

  private func tryTake() throws(CommandFailure) -> Bool {
    try state.withLock { state throws(CommandFailure) in
      if state.lock != nil { return true }
      state.lock = try onThisMachine { () throws(MachineError) in
        try Folders.make(folders.root)
        return try FileLock.tryAcquire(folders.lock, for: purpose)
      }
      return state.lock != nil
    }
  }

  private func isFirstToTell() -> Bool {
    state.withLock { state in
      defer { state.isTold = true }
      return !state.isTold
    }
  }
}
