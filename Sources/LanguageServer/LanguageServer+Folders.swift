import Interpreter

/// The folders that the editor works in: recipes below them may use what is open.
extension LanguageServer {
  /// Takes them from the request `initialize`, which has had three ways to tell them.
  func openFolders(_ parameters: Value) {
    var paths = folders(parameters.member("workspaceFolders"))
    if paths.isEmpty, let uri = parameters.member("rootUri").asString { paths = [FileURI.path(of: uri)] }
    if paths.isEmpty, let path = parameters.member("rootPath").asString { paths = [SourcePath.normalized(path)] }
    workspace.changeFolders(adding: paths)
  }

  func changeFolders(_ event: Value) {
    workspace.changeFolders(adding: folders(event.member("added")), removing: folders(event.member("removed")))
  }

  private func folders(_ list: Value) -> [String] {
    list.asList.compactMap { $0.member("uri").asString }.map(FileURI.path)
  }
}
