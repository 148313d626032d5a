/// The recipes that are in the program itself: the folder `recipes` as it was when nbx was built.
public enum ShippedRecipes {
  /// What stands in paths for the folder that they lie in. No file of the machine is called so.
  public static let folder = "<nbx>"

  /// All files, by their paths in that folder: recipes, libraries, and what they read.
  public static var files: [String] { shippedFiles.map(\.path.description) }

  /// The names of those that can be run, as `install` and `experiments/kv`.
  public static var names: [String] {
    files.filter { $0.hasSuffix(ending) && !$0.hasPrefix("lib/") }.map { String($0.dropLast(ending.count)) }
  }

  /// The text of a file; nil if the path leads to none of them.
  ///
  /// - Parameter path: with `folder` at its beginning.
  public static func bytes(at path: String) -> [UInt8]? {
    guard path.hasPrefix(folder + "/") else { return nil }
    return bytes(of: String(path.dropFirst(folder.count + 1)))
  }

  /// - Parameter file: one of `files`.
  public static func bytes(of file: String) -> [UInt8]? {
    guard let found = shippedFiles.first(where: { $0.path.description == file }) else { return nil }
    return Array(UnsafeBufferPointer(start: found.text.utf8Start, count: found.text.utf8CodeUnitCount))
  }

  /// The path of the recipe of that name, with or without its ending; nil if there is none.
  public static func path(ofRecipe name: String) -> String? {
    let file = name.hasSuffix(ending) ? name : name + ending
    return bytes(of: file) == nil ? nil : "\(folder)/\(file)"
  }

  /// What a person calls the recipe at a path; nil if it is none of these.
  public static func name(at path: String) -> String? {
    guard bytes(at: path) != nil, path.hasSuffix(ending) else { return nil }
    return String(path.dropFirst(folder.count + 1).dropLast(ending.count))
  }

  private static let ending = ".nbx"
}
