import Interpreter
import NATS

/// Replaces the host names in URLs. What names several pods becomes several URLs; scheme, user, password and order stay.
struct LocalURLs {
  let rewriter: LocalRewriter
  /// Whether servers of other regions hear of these URLs.
  var areTold = false

  var toBeTold: LocalURLs { LocalURLs(rewriter: rewriter, areTold: true) }

  /// A list of URLs, as routes are.
  func list(_ value: Value, place: String, portIfNone: Int?) throws(ChartProblem) -> Value {
    guard let elements = value.elements else { return value }
    var all: [Value] = []
    for (index, element) in elements.enumerated() {
      guard let text = element.asText else {
        all.append(element)
        continue
      }
      all += try several(text, place: "\(place)[\(index)]", portIfNone: portIfNone).map { .string($0) }
    }
    return .list(all)
  }

  /// A gateway or a leafnode's remote, which has `url` or `urls`.
  func remote(_ remote: ValueMap, place: String, portIfNone: Int?) throws(ChartProblem) -> ValueMap {
    let remote = try remote.changing(["urls"]) { urls throws(ChartProblem) in
      try list(urls, place: "\(place).urls", portIfNone: portIfNone)
    }
    guard let key = remote.key(among: ["url"]), let text = remote[key]?.asText else { return remote }
    let all = try several(text, place: "\(place).url", portIfNone: portIfNone)
    if let only = all.first, all.count == 1 { return remote.replacing(["url"], by: [(key, .string(only))]) }
    return remote.replacing(["url"], by: [("urls", .list(all.map { .string($0) }))])
  }

  /// An address to be told to others, in other regions too: of several pods this one if it is among them, else the one
  /// with its ordinal.
  func single(_ text: Text, place: String, portIfNone: Int?) throws(ChartProblem) -> String {
    let (url, port) = try parsed(text, place: place, portIfNone: portIfNone)
    guard case .pods(let pods) = try meaning(of: url, port, place: place), !pods.isEmpty else { return text.string }
    let pod = rewriter.pod
    let own = pods.first { $0.pod == pod.name && $0.cluster == rewriter.release.identity.cluster }
    return url.text(host: "127.0.0.1", port: try rewriter.told(own ?? pods[pod.ordinal % pods.count]))
  }

  /// Whether one of the URLs leads to a server of another region. Those that mean nothing are told of where they are
  /// replaced.
  func leaveTheRegion(_ urls: Value?) -> Bool {
    (urls?.elements ?? []).compactMap(\.asText).contains { text in
      guard let (url, port) = try? parsed(text, place: "", portIfNone: nil),
        case .pods(let pods)? = try? rewriter.names.meaning(of: url.host, port: port)
      else { return false }
      return pods.contains { $0.cluster != rewriter.release.identity.cluster }
    }
  }

  private func several(_ text: Text, place: String, portIfNone: Int?) throws(ChartProblem) -> [String] {
    let (url, port) = try parsed(text, place: place, portIfNone: portIfNone)
    guard case .pods(let pods) = try meaning(of: url, port, place: place) else { return [text.string] }
    var urls: [String] = []
    for pod in pods {
      let port = try areTold ? rewriter.told(pod) : rewriter.reached(pod)
      urls.append(url.text(host: "127.0.0.1", port: port))
    }
    return urls
  }

  private func parsed(_ text: Text, place: String, portIfNone: Int?) throws(ChartProblem) -> (ServerURL, Int) {
    let shown = text.coveringLogins(isURL: true).masked
    guard let url = ServerURL(text) else {
      throw ChartProblem(
        "\(place) is no URL of a server: \(shown)",
        advice: "write nats://HOST:PORT; \(URLLogins.escaping)")
    }
    guard let port = url.port ?? portIfNone else {
      throw ChartProblem("\(place) names no port: \(shown)", advice: "write nats://HOST:PORT")
    }
    return (url, port)
  }

  private func meaning(of url: ServerURL, _ port: Int, place: String) throws(ChartProblem) -> NameService.Meaning {
    do {
      return try rewriter.names.meaning(of: url.host, port: port)
    } catch {
      throw ChartProblem("\(place): \(error.message)", advice: error.advice)
    }
  }
}
