import ValuesAndCommands

extension Invocation {
  /// A path that the recipe names: one that is not absolute counts from the folder of its file.
  package func path(_ written: String) -> String {
    written.hasPrefix("/") || folder == "." ? written : "\(folder)/\(written)"
  }

  /// Writes a file that the recipe names, within the call's limits.
  ///
  /// - Parameter mode: a new file's permissions, less the umask.
  package func writeFile(_ bytes: [UInt8], to path: String, mode: mode_t = 0o666) throws(CommandFailure) {
    let file = try onThisMachine { () throws(MachineError) in
      let file = try UserFile(path, mode: mode)
      try file.append(bytes)
      return file
    }
    try keep(file)
  }

  /// Gives a file that has been written its name, within the call's limits.
  package func keep(_ file: UserFile) throws(CommandFailure) {
    let limits = CallLimits(self)
    do throws(MachineError) {
      try file.keep(within: limits.limit)
    } catch {
      try limits.check("writing \(file.path)")
      throw CommandFailure(error)
    }
  }
}
