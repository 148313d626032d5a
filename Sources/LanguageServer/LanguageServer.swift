import Interpreter
import Lexer

/// The language server protocol over two streams: one thread reads and answers, another checks what has changed.
public final class LanguageServer {
  /// What the program that embeds it brings.
  public struct Options: Sendable {
    public var vocabulary: Vocabulary
    public var version: String
    public var live: (any LiveNames)?
    public var readFile: @Sendable (String) -> Result<[UInt8], FileProblem>

    public init(
      vocabulary: Vocabulary, version: String, live: (any LiveNames)? = nil,
      readFile: @escaping @Sendable (String) -> Result<[UInt8], FileProblem>
    ) {
      self.vocabulary = vocabulary
      self.version = version
      self.live = live
      self.readFile = readFile
    }
  }

  let options: Options
  let workspace: Workspace
  let completer: Completer
  let writer: MessageWriter
  private let input: Int32
  private(set) var encoding = PositionEncoding.utf16
  private var checker: DiagnosticsChecker?
  private var parent: Int32?
  private var mayRegisterWatcher = false
  private var stage = Stage.new

  private enum Stage { case new, running, shutDown }

  /// - Parameters:
  ///   - input: the descriptor that messages come from.
  ///   - output: the one that they go to.
  public init(_ options: Options, input: Int32 = 0, output: Int32 = 1) {
    self.options = options
    self.input = input
    let workspace = Workspace(vocabulary: options.vocabulary, readFile: options.readFile)
    self.workspace = workspace
    writer = MessageWriter(descriptor: output)
    completer = Completer(vocabulary: options.vocabulary, live: options.live) { path in
      if case .success(let bytes) = workspace.read(path) { bytes } else { nil }
    }
  }

  /// Answers until the client says `exit`, closes the stream or is gone.
  ///
  /// - Returns: whether the client had said `shutdown` before.
  public func run() -> Bool {
    signal(SIGPIPE, SIG_IGN)
    var reader = MessageReader(descriptor: input) { [unowned self] in isClientThere }
    while true {
      switch reader.next() {
      case .end: return stage == .shutDown
      case .tooLarge(let length):
        writer.notify(
          "window/logMessage",
          ["type": 1, "message": .string("a message of \(length) bytes is larger than nbx reads, and was left out")])
      case .message(let bytes):
        guard let message = try? Value.json(bytes) else {
          writer.respond(to: .null, .parseError)
          continue
        }
        if message.member("method").asString == "exit" { return stage == .shutDown }
        take(message)
      }
    }
  }

  private var isClientThere: Bool {
    guard let parent else { return true }
    return kill(parent, 0) == 0 || errno != ESRCH
  }

  private func take(_ message: Value) {
    let id = message.member("id")
    guard let method = message.member("method").asString else {
      // Of what has been asked, nothing depends on the answer; it may be null.
      guard case .map(let members) = message, members["result"] != nil || members["error"] != nil else {
        return writer.respond(to: id, .noRequest)
      }
      return
    }
    let parameters = message.member("params")
    guard !id.isNull else { return notice(method, parameters) }
    do throws(ResponseError) {
      writer.respond(to: id, try answer(method, parameters))
    } catch {
      writer.respond(to: id, error)
    }
  }

  // MARK: Notifications

  private func notice(_ method: String, _ parameters: Value) {
    guard stage == .running else { return }
    switch method {
    case "initialized": if mayRegisterWatcher { registerWatcher() }
    case "workspace/didChangeWatchedFiles": checker?.checkUsers()
    case "workspace/didChangeWorkspaceFolders": changeFolders(parameters.member("event"))
    default: noticeDocument(method, parameters)
    }
  }

  private func noticeDocument(_ method: String, _ parameters: Value) {
    let document = parameters.member("textDocument")
    guard let uri = document.member("uri").asString else { return }
    let path = FileURI.path(of: uri)
    switch method {
    case "textDocument/didOpen":
      workspace.open(
        Document(
          uri: uri, path: path, text: document.member("text").asString ?? "",
          version: document.member("version").asInt ?? 0))
      checker?.check(path)
    case "textDocument/didChange":
      workspace.change(path) { document in
        document.apply(
          parameters.member("contentChanges").asList,
          version: parameters.member("textDocument").member("version").asInt,
          encoding)
      }
      checker?.check(path)
    case "textDocument/didClose":
      workspace.close(path)
      writer.notify("textDocument/publishDiagnostics", ["uri": .string(uri), "diagnostics": []])
      // For others, what is on disk counts again.
      checker?.checkUsers()
    case "textDocument/didSave": checker?.check(path)
    default: break
    }
  }

  /// Asks to be told when recipes change on disk.
  private func registerWatcher() {
    let options: Value = ["watchers": [["globPattern": "**/*.nbx"]]]
    let method: Value = "workspace/didChangeWatchedFiles"
    writer.request(
      "client/registerCapability", id: "watch",
      ["registrations": [["id": "watch", "method": method, "registerOptions": options]]])
  }

  // MARK: Requests

  private func answer(_ method: String, _ parameters: Value) throws(ResponseError) -> Value {
    switch stage {
    case .new:
      guard method == "initialize" else { throw .notInitialized }
      return initialize(parameters)
    case .shutDown: throw .shutDown
    case .running: break
    }
    switch method {
    case "initialize": throw ResponseError(code: -32600, message: "the server is initialized already")
    case "shutdown":
      stage = .shutDown
      return .null
    case "textDocument/hover": return hover(parameters)
    case "textDocument/completion": return completion(parameters)
    case "textDocument/definition": return definition(parameters)
    case "textDocument/references": return references(parameters)
    case "textDocument/prepareRename": return try prepareRename(parameters)
    case "textDocument/rename": return try rename(parameters)
    case "textDocument/documentSymbol": return documentSymbols(parameters)
    case "textDocument/formatting": return try formatting(parameters)
    case "textDocument/semanticTokens/full": return semanticTokens(parameters)
    default: throw .unknownMethod(method)
    }
  }

  private func initialize(_ parameters: Value) -> Value {
    let offered = parameters.member("capabilities").member("general").member("positionEncodings").asList
    if offered.contains(where: { $0.asString == PositionEncoding.utf8.rawValue }) { encoding = .utf8 }
    parent = parameters.member("processId").asInt.flatMap { Int32(exactly: $0) }
    openFolders(parameters)
    let watching = parameters.member("capabilities").member("workspace").member("didChangeWatchedFiles")
    mayRegisterWatcher = watching.member("dynamicRegistration").isTrue
    let checker = DiagnosticsChecker(workspace, writer, encoding)
    checker.start()
    self.checker = checker
    stage = .running
    return [
      "capabilities": [
        "positionEncoding": .string(encoding.rawValue),
        "textDocumentSync": ["openClose": true, "change": 2, "save": true],
        "hoverProvider": true,
        "completionProvider": ["triggerCharacters": [".", "$", "-", "\"", "/", "{", "="]],
        "definitionProvider": true,
        "referencesProvider": true,
        "renameProvider": ["prepareProvider": true],
        "documentSymbolProvider": true,
        "documentFormattingProvider": true,
        "semanticTokensProvider": ["legend": SemanticTokens.legend, "full": true],
        "workspace": ["workspaceFolders": ["supported": true, "changeNotifications": true]],
      ],
      "serverInfo": ["name": "nbx", "version": .string(options.version)],
    ]
  }

  // MARK: Places

  /// The file and the byte that a request speaks of; nil if nobody knows the file.
  func place(_ parameters: Value) -> (index: NameIndex, lines: TextLines, offset: Int)? {
    guard let uri = parameters.member("textDocument").member("uri").asString else { return nil }
    let path = FileURI.path(of: uri)
    guard let index = workspace.index(path), let lines = workspace.lines(path) else { return nil }
    let position = parameters.member("position")
    let offset = lines.offset(
      line: position.member("line").asInt ?? 0, character: position.member("character").asInt ?? 0, encoding)
    return (index, lines, offset)
  }

  func location(_ path: String, _ span: Span) -> Value {
    guard let lines = workspace.lines(path) else { return .null }
    return ["uri": .string(uri(of: path)), "range": lines.range(of: span, encoding)]
  }

  /// As the client calls the file.
  func uri(of path: String) -> String { workspace.document(path)?.uri ?? FileURI.uri(of: path) }
}

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
