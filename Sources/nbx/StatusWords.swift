/// The words behind `nbx status`.
struct StatusWords {
  enum Form: Equatable {
    case text, json, watch, urls
    case html(file: String)
    case serve(port: UInt16?)
  }

  private(set) var form = Form.text
  private(set) var target: String?
  private(set) var contexts: [String: String] = [:]
  /// Those to be shown; all of them if none is named.
  private(set) var clusters: [String] = []

  static let flags = ["--json", "--urls", "--watch", "--html", "--serve", "--target", "--context", "--help"]

  init(_ words: [String]) throws(Usage) {
    var rest = words[...]
    while let word = rest.popFirst() {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let given = parts.count == 2 ? parts[1] : nil
      switch parts[0] {
      case "--json" where given == nil: try choose(.json)
      case "--urls" where given == nil: try choose(.urls)
      case "--watch" where given == nil: try choose(.watch)
      case "--html":
        guard let file = given ?? rest.popFirst(), !file.isEmpty else {
          throw Usage(message: "`--html` needs a file to write", advice: "nbx status --html picture.html")
        }
        try choose(.html(file: file))
      case "--serve":
        let port =
          given ?? (rest.first.map { $0.allSatisfy(\.isNumber) && !$0.isEmpty } == true ? rest.popFirst() : nil)
        try choose(.serve(port: try port.map { word throws(Usage) in try StatusWords.port(word) }))
      case "--target": target = given ?? rest.popFirst()
      case "--context": try ContextFlag.add(given ?? rest.popFirst() ?? "", to: &contexts)
      case let name where !name.hasPrefix("-"): if !clusters.contains(word) { clusters.append(word) }
      default: throw .unknownFlag(word, of: StatusSubcommand.name, known: StatusWords.flags)
      }
    }
  }

  private mutating func choose(_ wanted: Form) throws(Usage) {
    guard form == .text || form == wanted else {
      throw Usage(
        message: "`nbx status` shows one thing at a time",
        advice: "take one of --json, --urls, --watch, --html FILE and --serve [PORT]")
    }
    form = wanted
  }

  private static func port(_ word: String) throws(Usage) -> UInt16 {
    guard let port = UInt16(word), port > 0 else {
      throw Usage(message: "`\(word)` is no port", advice: "take one from 1 to 65535, or none: a free one is chosen")
    }
    return port
  }
}
