import Interpreter
import Lexer
import Synchronization

/// The files that are open, and those that they bring in. Both threads look into it.
final class Workspace: Sendable {
  let vocabulary: Vocabulary
  private let readFile: @Sendable (String) -> Result<[UInt8], FileProblem>
  private let state = Mutex(State())

  private struct State {
    /// The folders that the editor works in.
    var folders: [String] = []
    var documents: [String: Document] = [:]
    /// Indexes by path, with the bytes that they were made of.
    var indexes: [String: (bytes: [UInt8], index: NameIndex)] = [:]
  }

  /// More files than this are not remembered; the next look reads them anew.
  private static let mostIndexes = 200

  init(vocabulary: Vocabulary, readFile: @escaping @Sendable (String) -> Result<[UInt8], FileProblem>) {
    self.vocabulary = vocabulary
    self.readFile = readFile
  }

  var folders: [String] { state.withLock { $0.folders } }

  func changeFolders(adding added: [String], removing removed: [String] = []) {
    state.withLock { state in
      state.folders.removeAll(where: removed.contains)
      state.folders += added.filter { !state.folders.contains($0) }
    }
  }

  var documents: [Document] { state.withLock { Array($0.documents.values) }.sorted { $0.path < $1.path } }

  func document(_ path: String) -> Document? { state.withLock { $0.documents[path] } }

  func open(_ document: Document) { state.withLock { $0.documents[document.path] = document } }

  func close(_ path: String) {
    state.withLock {
      $0.documents[path] = nil
      $0.indexes[path] = nil
    }
  }

  func change(_ path: String, _ body: (inout Document) -> Void) {
    state.withLock { state in
      guard var document = state.documents.removeValue(forKey: path) else { return }
      body(&document)
      state.documents[path] = document
    }
  }

  /// What a file holds: as it is in the editor, else as it is on disk.
  func read(_ path: String) -> Result<[UInt8], FileProblem> {
    if let document = document(path) { return .success(document.bytes) }
    return path.hasPrefix("<") ? .failure(FileProblem("it is in no file")) : readFile(path)
  }

  /// The index of a file; nil if it can't be read.
  func index(_ path: String) -> NameIndex? {
    guard case .success(let bytes) = read(path) else { return nil }
    if let known = state.withLock({ $0.indexes[path] }), known.bytes == bytes { return known.index }
    let index = NameIndex(SourceFile(path: path, bytes: bytes), vocabulary: vocabulary)
    state.withLock { state in
      if state.indexes.count >= Workspace.mostIndexes { state.indexes = [:] }
      state.indexes[path] = (bytes, index)
    }
    return index
  }

  func lines(_ path: String) -> TextLines? {
    if let document = document(path) { return document.lines }
    guard case .success(let bytes) = read(path) else { return nil }
    return TextLines(bytes)
  }

  /// The file that a mention means.
  func path(of mention: NameIndex.FileMention, in index: NameIndex) -> String {
    SourcePath.joined(index.file.folder, mention.path)
  }

  /// The open files and all that they bring in, directly or not.
  func reachable() -> [NameIndex] {
    var found: [NameIndex] = []
    var seen: Set<String> = []
    var paths = documents.map(\.path)
    while let path = paths.popLast(), found.count < Workspace.mostIndexes {
      guard seen.insert(path).inserted, let index = index(path) else { continue }
      found.append(index)
      paths += index.mentions.map { self.path(of: $0, in: index) }
    }
    return found
  }
}
