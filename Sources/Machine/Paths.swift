/// Paths of files, and what lies at them.
package enum Paths {
  /// The whole file; nil if there is none, or it cannot be read.
  package static func bytes(at path: String) -> [UInt8]? {
    var file: Int32
    repeat { file = open(path, O_RDONLY | O_CLOEXEC) } while file < 0 && errno == EINTR
    guard file >= 0 else { return nil }
    defer { close(file) }
    return rest(of: file)
  }

  /// What is left to be read of an open file, in pieces until there is none: files of the kernel do not tell their size.
  /// Nil if it cannot be read.
  ///
  /// - Parameter most: it ends behind the piece with which there is more than that, in bytes.
  package static func rest(of file: Int32, atMost most: Int = .max) -> [UInt8]? {
    var all: [UInt8] = []
    while true {
      var got = 0
      let part = [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, count in
        repeat { got = read(file, buffer.baseAddress, buffer.count) } while got < 0 && errno == EINTR
        count = max(0, got)
      }
      guard got > 0, all.count <= most else { return got < 0 ? nil : all }
      all += part
    }
  }

  /// The folder of whoever runs this: HOME, or where that is unset or empty, as in services, what the list of users says. Nil
  /// where neither is known.
  package static func ofUser(_ environment: [String: String] = ownEnvironment) -> String? {
    if let home = environment["HOME"], !home.isEmpty { return home }
    var record = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var texts = [CChar](repeating: 0, count: 16 << 10)
    guard getpwuid_r(geteuid(), &record, &texts, texts.count, &found) == 0, found != nil, let folder = record.pw_dir
    else { return nil }
    return String(cString: folder)
  }

  /// The path with the user's folder in place of a `~` before its first slash.
  package static func withoutTilde(_ path: String) -> String {
    guard path.hasPrefix("~/"), let home = ofUser() else { return path }
    return home + path.dropFirst()
  }

  /// Whether anything is there; of a link, whether it leads to something.
  package static func exist(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Whether a link lies there, wherever it leads.
  package static func isLink(_ path: String) -> Bool {
    var facts = stat()
    return lstat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFLNK
  }

  /// Whether an open file is a pipe.
  package static func isPipe(_ file: Int32) -> Bool {
    var facts = stat()
    return fstat(file, &facts) == 0 && facts.st_mode & S_IFMT == S_IFIFO
  }

  /// Waits so many milliseconds for something to read; true if there is nothing, and those who wrote have closed it.
  package static func areWritersGone(_ file: Int32, within milliseconds: Int32) -> Bool {
    var watched = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
    guard poll(&watched, 1, milliseconds) > 0 else { return false }
    return watched.revents & Int16(POLLIN) == 0
  }

  /// The folder that the last part of a path lies in; `.` where it has but one.
  package static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The path without links, `.` and `..`, a relative one from the working folder on; nil where it leads nowhere.
  package static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}

/// The system's own words for an error number.
package func errorText(_ number: Int32) -> String { String(cString: strerror(number)) }
