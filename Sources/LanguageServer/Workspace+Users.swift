import Interpreter
import Lexer

/// The files that name another.
struct Users {
  var indexes: [NameIndex] = []
  /// Whether there can be no others.
  var isComplete = true
}

extension Workspace {
  /// The other files that name one by `use` or `run`: those that are open, those that they bring in, and those below the
  /// workspace's folders.
  func users(of home: NameIndex) -> Users {
    let path = home.file.path
    // What is in no file can't be named.
    guard path.hasPrefix("/") else { return Users() }
    var users = Users(indexes: reachable())
    var known = Set(users.indexes.map(\.file.path) + [path])
    users.indexes.removeAll { $0.file.path == path || !names(path, in: $0) }
    let neighbours = ([path] + documents.map(\.path)).filter { $0.hasPrefix("/") }
    var search = RecipeSearch(whole: folders, alone: neighbours.map { SourceFile(path: $0, bytes: []).folder })
    let name = Array(path.utf8.split(separator: UInt8(ascii: "/")).last ?? [])
    while let other = search.next() {
      // Most files don't hold the name at all, and need no index.
      guard known.insert(other).inserted, case .success(let bytes) = read(other),
        bytes.holds(name), let index = index(other), names(path, in: index)
      else { continue }
      users.indexes.append(index)
    }
    users.isComplete = search.isComplete
    users.indexes.sort { $0.file.path < $1.file.path }
    return users
  }

  /// Whether a file gets by `use` what another shares.
  func brings(_ library: NameIndex, into index: NameIndex) -> Bool {
    index.mentions.contains { $0.isUse && path(of: $0, in: index) == library.file.path }
  }

  private func names(_ path: String, in index: NameIndex) -> Bool {
    index.mentions.contains { self.path(of: $0, in: index) == path }
  }
}

extension [UInt8] {
  fileprivate func holds(_ part: [UInt8]) -> Bool {
    guard let first = part.first else { return true }
    return withUnsafeBytes { bytes in
      var rest = bytes[...]
      while let place = rest.firstIndex(of: first) {
        rest = rest[place...]
        if rest.starts(with: part) { return true }
        rest = rest.dropFirst()
      }
      return false
    }
  }
}
