import Lexer
import Machine

extension SourceFile {
  /// Whether it is a file of the machine, and not one that only the host knows: the paths of those begin with `<`.
  var isOnDisk: Bool { !path.hasPrefix("<") }

  /// The folder that paths in the file start from: the one that it lies in. Where links lead to the file that is not the
  /// folder of its path, and neither is what `..` means there.
  public var folder: String {
    let written = path.contains("/") ? parent(of: path) : "."
    guard isOnDisk, let file = Paths.resolved(path), let here = Paths.resolved(".") else { return written }
    let folder = parent(of: file)
    if folder == normalized(joined(here, written)) { return written }
    if folder == here { return "." }
    return folder.hasPrefix(here + "/") ? String(folder.dropFirst(here.count + 1)) : folder
  }
}

/// Of a path with a slash.
private func parent(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return "/" }
  return String(path[..<slash])
}
