import Interpreter
import Lexer

/// The files that name another.
struct Users {
  var sketches: [Sketch] = []
  /// Whether there can be no others.
  var isComplete = true
}

extension Workspace {
  /// The other files that name one by `use` or `run`: those that are open, those that they bring in, and those below the
  /// workspace's folders.
  func users(of home: Sketch) -> Users {
    let path = home.file.path
    // What is in no file can't be named.
    guard path.hasPrefix("/") else { return Users() }
    var users = Users(sketches: reachable())
    var known = Set(users.sketches.map(\.file.path) + [path])
    users.sketches.removeAll { $0.file.path == path || !names(path, in: $0) }
    let neighbours = ([path] + documents.map(\.path)).filter { $0.hasPrefix("/") }
    var search = RecipeSearch(whole: folders, alone: neighbours.map { SourceFile(path: $0, bytes: []).folder })
    let name = Array(path.utf8.split(separator: UInt8(ascii: "/")).last ?? [])
    while let other = search.next() {
      // Most files don't hold the name at all, and need no sketch.
      guard known.insert(other).inserted, case .success(let bytes) = read(other),
        bytes.holds(name), let sketch = sketch(other), names(path, in: sketch)
      else { continue }
      users.sketches.append(sketch)
    }
    users.isComplete = search.isComplete
    users.sketches.sort { $0.file.path < $1.file.path }
    return users
  }

  /// Whether a file gets by `use` what another shares.
  func brings(_ library: Sketch, into sketch: Sketch) -> Bool {
    sketch.mentions.contains { $0.isUse && path(of: $0, in: sketch) == library.file.path }
  }

  private func names(_ path: String, in sketch: Sketch) -> Bool {
    sketch.mentions.contains { self.path(of: $0, in: sketch) == path }
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
