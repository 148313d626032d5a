import Machine

/// Folders that nbx makes and takes away.
package enum Folders {
  /// Makes a folder and those above it that are missing, each with this mode (less the umask). One that is there stays.
  package static func make(_ path: String, mode: mode_t = 0o700) throws(MachineError) {
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
  package static func look(into path: String) throws(MachineError) {
    guard let folder = opendir(path) else {
      let problem = errno
      // A link that leads nowhere is there, and nothing can be made behind it.
      if problem == ENOENT, isFolder(nearest(to: path)) { return }
      throw .folderNotRead(path: problem == ENOENT ? nearest(to: path) : path, errno: problem)
    }
    closedir(folder)
  }

  /// The path, or the next folder above of which anything is there.
  package static func nearest(to path: String) -> String {
    var path = path
    var facts = stat()
    while lstat(path, &facts) != 0, errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex {
      path = String(path[..<slash])
    }
    return path
  }

  package static func isFolder(_ path: String) -> Bool {
    var facts = stat()
    return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
  }
}

extension Folders {
  /// Copies a file, or a folder with all that is in it, to a path at which nothing is. What is neither is left out.
  package static func copy(_ path: String, to copy: String) throws(MachineError) {
    var facts = stat()
    guard lstat(path, &facts) == 0 else { throw .fileNotWritten(path: copy, errno: errno) }
    switch facts.st_mode & S_IFMT {
    case S_IFREG:
      guard let bytes = Paths.bytes(at: path) else { throw .fileNotWritten(path: copy, errno: errno) }
      try AtomicFile.write(bytes, to: copy, mode: facts.st_mode & 0o777)
    case S_IFDIR:
      try make(copy, mode: facts.st_mode & 0o777)
      for name in names(in: path) {
        try Folders.copy("\(path)/\(name)", to: "\(copy)/\(name)")
      }
    default: return
    }
  }

  /// What is in a folder; nothing where there is none.
  package static func names(in path: String) -> [String] {
    guard let folder = OwnedDescriptor.open(path, O_RDONLY | O_DIRECTORY) else { return [] }
    return entries(of: folder).map { String(decoding: $0.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) }
  }

  /// Gives what is at a path another one on the same disk, in the place of a file that is there.
  package static func move(_ path: String, to other: String) throws(MachineError) {
    guard rename(path, other) == 0 else { throw .fileNotWritten(path: other, errno: errno) }
  }

  /// Takes away what is at a path, a folder with all that is in it; nothing where there is nothing.
  ///
  /// Below the folder that holds it everything is reached by descriptors and no link is followed, so that nobody who may
  /// write there can lead the deletion elsewhere meanwhile. What lies where everybody may write (`/tmp`, `/dev/shm`) has
  /// to be this user's own, and no link.
  ///
  /// - Throws: `.notRemoved`; what could be taken away of it is gone then.
  package static func remove(_ path: String) throws(MachineError) {
    let (folder, name) = parted(path)
    let isShared = isOpenToAll(parted(folder).folder)
    let flags = O_RDONLY | O_DIRECTORY | (isShared ? O_NOFOLLOW : 0)
    guard let holder = OwnedDescriptor.open(folder, flags) else {
      let problem = errno
      if problem == ENOENT { return }
      throw .notRemoved(path: path, why: isShared ? refusal(of: folder) ?? errorText(problem) : errorText(problem))
    }
    if isShared, !isOurs(holder) { throw .notRemoved(path: path, why: "\(folder) belongs to another user") }
    if isOpenToAll(folder), let why = refusal(of: path) { throw .notRemoved(path: path, why: why) }
    let problem = removeEntry(Array(name.utf8CString), of: holder)
    guard problem == 0 else { throw .notRemoved(path: path, why: errorText(problem)) }
  }

  /// Takes a folder away if nothing is in it and, where everybody may write, it is this user's own.
  package static func removeIfEmpty(_ path: String) {
    guard !isOpenToAll(parted(path).folder) || refusal(of: path) == nil else { return }
    rmdir(path)
  }

  private static func parted(_ path: String) -> (folder: String, name: String) {
    (
      Paths.folder(of: path),
      String(path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...])
    )
  }

  private static func isOpenToAll(_ folder: String) -> Bool {
    var facts = stat()
    return stat(folder, &facts) == 0 && facts.st_mode & S_IWOTH != 0
  }

  private static func isOurs(_ folder: OwnedDescriptor) -> Bool {
    var facts = stat()
    return fstat(folder.number, &facts) == 0 && facts.st_uid == geteuid()
  }

  /// Why what is there, where everybody may write, is not touched; nil where nothing speaks against it.
  private static func refusal(of path: String) -> String? {
    var facts = stat()
    guard lstat(path, &facts) == 0 else { return nil }
    if facts.st_mode & S_IFMT == S_IFLNK { return "\(path) is a link" }
    return facts.st_uid == geteuid() ? nil : "\(path) belongs to another user"
  }

  /// 0, or why it is still there.
  private static func removeEntry(_ name: [CChar], of folder: OwnedDescriptor) -> Int32 {
    if unlinkat(folder.number, name, 0) == 0 || errno == ENOENT { return 0 }
    let problem = errno
    // Linux says the one of a folder, POSIX and macOS the other.
    guard problem == EISDIR || problem == EPERM else { return problem }
    guard let inner = OwnedDescriptor.open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, in: folder) else {
      return errno == ENOENT ? 0 : errno == ENOTDIR ? problem : errno
    }
    var first: Int32 = 0
    for entry in entries(of: inner) {
      let problem = removeEntry(entry, of: inner)
      if first == 0 { first = problem }
    }
    if unlinkat(folder.number, name, AT_REMOVEDIR) == 0 || errno == ENOENT { return 0 }
    return first == 0 ? errno : first
  }

  /// The names in it as bytes: they need not be UTF-8.
  private static func entries(of folder: OwnedDescriptor) -> [[CChar]] {
    let copy = fcntl(folder.number, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0, let listing = fdopendir(copy) else {
      if copy >= 0 { close(copy) }
      return []
    }
    defer { closedir(listing) }
    var names: [[CChar]] = []
    while let entry = readdir(listing) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        bytes.prefix { $0 != 0 }.map { CChar(bitPattern: $0) } + [0]
      }
      if name != Array(".".utf8CString), name != Array("..".utf8CString) { names.append(name) }
    }
    return names
  }
}
