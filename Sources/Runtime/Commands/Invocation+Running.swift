import Interpreter
import NATS
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Invocation {
  /// How long the client library may wait for this call: until its deadline, or `duration` from now if that is sooner.
  ///
  /// - Parameter request: from which request to stop on the wait ends.
  func waitLimit(atMost duration: Duration? = nil, givingUpFrom request: StopSignal.Request = .windDown) -> WaitLimit {
    let limit = WaitLimit(deadline: deadline) { [stop] in stop.request >= request }
    return duration.map(limit.atMost) ?? limit
  }
}

extension Invocation {
  /// A path that the recipe names: one that is not absolute counts from the folder of its file.
  func path(_ written: String) -> String {
    written.hasPrefix("/") || folder == "." ? written : "\(folder)/\(written)"
  }

  /// Writes a file that the recipe names, within the call's limits.
  ///
  /// - Parameter mode: a new file's permissions, less the umask.
  func writeFile(_ bytes: [UInt8], to path: String, mode: mode_t = 0o666) throws(CommandFailure) {
    let file = try onThisMachine { () throws(MachineError) in
      let file = try UserFile(path, mode: mode)
      try file.append(bytes)
      return file
    }
    try keep(file)
  }

  /// Gives a file that has been written its name, within the call's limits.
  func keep(_ file: UserFile) throws(CommandFailure) {
    let limits = CallLimits(self)
    do throws(MachineError) {
      try file.keep(until: { stop.request >= .interrupt || deadline <= .now })
    } catch {
      try limits.check("writing \(file.path)")
      throw CommandFailure(error)
    }
  }
}
