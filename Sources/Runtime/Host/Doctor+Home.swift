#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The folder that all of nbx's own things lie in.
extension Doctor {
  /// Whether nbx could keep something there. What the system says of it is asked for by trying: a folder is made and taken
  /// away again, in the home or, where that is not there yet, in the next folder above that is.
  public var home: Finding {
    let advice = ["set NBX_HOME to a folder that you may write to"]
    do throws(MachineError) {
      let home = try Home.folder(environment: environment)
      try Folders.look(into: SandboxFolders(home: home).regions)
      let trial = "\(Folders.nearest(to: home))/.nbx-doctor-\(getpid())"
      guard mkdir(trial, 0o700) == 0 else { throw .folderNotMade(path: home, errno: errno) }
      rmdir(trial)
      return Finding("home", .good, home)
    } catch {
      return Finding("home", .broken, "\(error)", advice: advice)
    }
  }
}
