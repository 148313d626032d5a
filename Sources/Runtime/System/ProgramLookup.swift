import Machine

/// Finds the file behind a program's name, as a shell would.
package enum ProgramLookup {
  /// What is searched where the environment has no PATH.
  static let defaultPath = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"

  /// The absolute path of an executable file: `program` itself where it holds a slash (seen from `folder`), else the
  /// first match on `path`.
  ///
  /// - Parameter folder: what relative paths start from; nil means where nbx runs.
  /// - Throws: `.notFound`, or `.notRunnable` where a file is there and may not be executed.
  package static func find(_ program: String, path: String?, from folder: String?) throws(ProcessError) -> String {
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
package func currentFolder() -> String {
  guard let path = getcwd(nil, 0) else { return "." }
  defer { free(path) }
  return String(cString: path)
}

/// Python's installer. It runs in the topmost folder, where only the machine's owner puts files: `python3 -m pip` takes a
/// `pip.py` of the current folder, whoever has put it there, before pip itself. `-E` does the same for the folders of a
/// PYTHONPATH. It is not `-I`: that would pass over a pip that was installed for its user alone.
package struct Pip {
  package let environment: [String: String]

  package init(environment: [String: String]) { self.environment = environment }

  package func command(_ arguments: [String]) -> Subprocess {
    // Looked up from where nbx runs, as its PATH is meant from there.
    let python = try? ProgramLookup.find("python3", path: environment["PATH"], from: nil)
    var pip = Subprocess(python ?? "python3", ["-E", "-m", "pip"] + arguments, environment: environment)
    pip.workingDirectory = "/"
    return pip
  }
}

/// The program that runs here, to be started again as another process.
package enum OwnProgram {
  /// Its path, absolute and without links; nil where the system does not say. Another file may have taken its place since
  /// it was started.
  package static var path: String? {
    #if canImport(Glibc)
      guard let program = target(of: "/proc/self/exe") else { return nil }
      let gone = " (deleted)"
      return program.hasSuffix(gone) ? String(program.dropLast(gone.count)) : program
    #else
      var size: UInt32 = 0
      // Says first how much room the path takes.
      _NSGetExecutablePath(nil, &size)
      var path = [CChar](repeating: 0, count: Int(size))
      guard size > 0, _NSGetExecutablePath(&path, &size) == 0 else { return nil }
      return Paths.resolved(String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    #endif
  }

  #if canImport(Glibc)
    private static func target(of link: String) -> String? {
      var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
      let count = readlink(link, &bytes, bytes.count)
      guard count > 0 else { return nil }
      return String(decoding: bytes.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  #endif
}
