#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Folders that nbx makes and takes away.
public enum Folders {
  /// Makes a folder and those above it that are missing, each with this mode (less the umask). One that is there stays.
  public static func make(_ path: String, mode: mode_t = 0o700) throws(MachineError) {
    if mkdir(path, mode) == 0 { return }
    let problem = errno
    switch problem {
    case EEXIST where isFolder(path): return
    case ENOENT:
      guard let slash = path.dropLast().lastIndex(of: "/"), slash > path.startIndex else { break }
      try make(String(path[..<slash]), mode: mode)
      // Another nbx may have been quicker.
      if mkdir(path, mode) == 0 || (errno == EEXIST && isFolder(path)) { return }
      throw .folderNotMade(path: path, errno: errno)
    default: break
    }
    throw .folderNotMade(path: path, errno: problem == EEXIST ? ENOTDIR : problem)
  }

  /// Makes sure that what is in a folder can be told from nothing. One that is not there holds nothing.
  static func look(into path: String) throws(MachineError) {
    guard let folder = opendir(path) else {
      let problem = errno
      // A link that leads nowhere is there, and nothing can be made behind it.
      if problem == ENOENT, isFolder(nearest(to: path)) { return }
      throw .folderNotRead(path: problem == ENOENT ? nearest(to: path) : path, errno: problem)
    }
    closedir(folder)
  }

  /// The path, or the next folder above of which anything is there.
  static func nearest(to path: String) -> String {
    var path = path
    var facts = stat()
    while lstat(path, &facts) != 0, errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex {
      path = String(path[..<slash])
    }
    return path
  }

  public static func isFolder(_ path: String) -> Bool {
    var facts = stat()
    return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
  }
}
