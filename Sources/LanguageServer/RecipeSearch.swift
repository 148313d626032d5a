#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Goes through the recipes in folders, those that lie near the top first.
///
/// Somebody waits for it, and a workspace may be a whole home folder: it ends after so many recipes or so much time.
struct RecipeSearch {
  /// Whether it has met all recipes that there are.
  private(set) var isComplete = true
  /// The folders that it has met, those still to be listed at the end.
  private var folders: [(path: String, goesDown: Bool)] = []
  private var listed = 0
  private var known: Set<String> = []
  private var recipes: [String] = []
  private var left = RecipeSearch.mostRecipes
  private let deadline = ContinuousClock.now + RecipeSearch.longest

  private static let mostRecipes = 2000
  private static let longest = Duration.seconds(3)

  /// - Parameters:
  ///   - whole: folders that are gone through with all that they hold.
  ///   - alone: folders of which only the files are looked at.
  init(whole: [String], alone: [String]) {
    folders = whole.map { ($0, true) } + alone.map { ($0, false) }
  }

  /// The next recipe's path; nil at the end.
  mutating func next() -> String? {
    while isComplete {
      if recipes.isEmpty, listed == folders.count { return nil }
      guard ContinuousClock.now < deadline else { break }
      if let path = recipes.popLast() {
        guard left > 0 else { break }
        left -= 1
        return path
      }
      list(folders[listed])
      listed += 1
    }
    isComplete = false
    return nil
  }

  private mutating func list(_ folder: (path: String, goesDown: Bool)) {
    guard known.insert(folder.path).inserted, let stream = opendir(folder.path) else { return }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      guard !name.hasPrefix("."), name != "node_modules" else { continue }
      let path = folder.path.hasSuffix("/") ? folder.path + name : "\(folder.path)/\(name)"
      // Links are left out: what they lead to is met under its own name, or lies elsewhere, and they may go round.
      switch kind(of: path, Int32(entry.pointee.d_type)) {
      case S_IFREG where name.hasSuffix(".nbx"): recipes.append(path)
      case S_IFDIR where folder.goesDown: folders.append((path, true))
      default: break
      }
    }
    // They are taken from the end.
    recipes.sort(by: >)
  }

  /// What an entry is, as `stat` tells it; some file systems don't say so in the listing.
  private func kind(of path: String, _ listed: Int32) -> mode_t {
    switch listed {
    case Int32(DT_REG): return S_IFREG
    case Int32(DT_DIR): return S_IFDIR
    case Int32(DT_UNKNOWN):
      var status = stat()
      return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : 0
    default: return 0
    }
  }
}
