#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Finds the file behind a program's name, as a shell would.
public enum ProgramLookup {
  /// What is searched where the environment has no PATH.
  static let defaultPath = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"

  /// The absolute path of an executable file: `program` itself where it holds a slash (seen from `folder`), else the
  /// first match on `path`.
  ///
  /// - Parameter folder: what relative paths start from; nil means where nbx runs.
  /// - Throws: `.notFound`, or `.notRunnable` where a file is there and may not be executed.
  public static func find(_ program: String, path: String?, from folder: String?) throws(ProcessError) -> String {
    guard !program.isEmpty else { throw .notFound(program: "''", searched: "") }
    if program.utf8.contains(UInt8(ascii: "/")) {
      let file = absolute(program, from: folder)
      switch examine(file) {
      case .executable: return file
      case .notExecutable: throw .notRunnable(path: file, errno: EACCES)
      case .missing: throw .notFound(program: file, searched: "")
      }
    }
    let searched = path ?? defaultPath
    var refused: String?
    for entry in searched.split(separator: ":", omittingEmptySubsequences: false) {
      let file = absolute(entry.isEmpty ? program : "\(entry)/\(program)", from: folder)
      switch examine(file) {
      case .executable: return file
      case .notExecutable: refused = refused ?? file
      case .missing: continue
      }
    }
    if let refused { throw .notRunnable(path: refused, errno: EACCES) }
    throw .notFound(program: program, searched: searched.isEmpty ? "an empty PATH" : searched)
  }

  private enum Finding {
    case executable, notExecutable, missing
  }

  private static func examine(_ file: String) -> Finding {
    var facts = stat()
    guard stat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return .missing }
    return access(file, X_OK) == 0 ? .executable : .notExecutable
  }

  private static func absolute(_ path: String, from folder: String?) -> String {
    if path.hasPrefix("/") { return path }
    return "\(absoluteFolder(folder))/\(path)"
  }

  private static func absoluteFolder(_ folder: String?) -> String {
    guard let folder else { return currentFolder() }
    return folder.hasPrefix("/") ? folder : "\(currentFolder())/\(folder)"
  }
}

/// Where nbx itself runs; "." should the folder have been removed meanwhile.
func currentFolder() -> String {
  guard let path = getcwd(nil, 0) else { return "." }
  defer { free(path) }
  return String(cString: path)
}
