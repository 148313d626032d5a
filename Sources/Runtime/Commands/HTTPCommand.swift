import Interpreter
import NATS
import SandboxNats
import SandboxSystem

/// `http get`, `http post`: one request; every status is an answer.
package struct HTTPCommand: Command {
  package let name = "http"
  package let summary = "Asks an HTTP server; every status is an answer"
  package let concernsCluster = false
  package let grammar = CommandGrammar.forms([
    CommandForm(
      "get", "Gets a URL", positionals: [Positional("URL")], flags: [header], gives: response,
      example: "http get http://127.0.0.1:8222/varz"),
    CommandForm(
      "post", "Posts a document to a URL", positionals: [Positional("URL")], flags: [header],
      document: "the body: a map or a list as JSON, a text as it is", gives: response,
      example: "http post http://127.0.0.1:8080/orders with { id: 1 }"),
  ])

  private static let response = Shape.map(
    "",
    [
      Field("status", .int), Field("headers", .anyMap, "by their names in lower case"), Field("body", .text),
      Field("json", .unknown, "the body, if it is JSON", optional: true),
    ])
  private static let header = Flag(
    "--header", .text, "a header of the request, as \"Name: value\"; repeated: several", aliases: ["-H"])

  /// How long a server may take if the call does not say otherwise with `within`.
  private static let patience = Duration.seconds(30)

  package init() {}

  /// - Returns: `status`, `headers` by their names in lower case, `body` as text, and `json` if the body is JSON.
  package func run(_ call: Invocation) throws(CommandFailure) -> Value {
    let words = try grammar.parsed(call, of: name)
    let url = words.positional(0) ?? ""
    if let odd = words.all("--header").first(where: { HTTPCommand.field($0.string) == nil }) {
      throw .misused("`\(odd.masked)` is no header", advice: "--header \"Accept: text/plain\"")
    }
    if words.path == "get", call.document != nil {
      throw .misused("`http get` takes no document", advice: "use http post")
    }
    let response: HTTPResponse
    do throws(NATSError) {
      response = try send(words, url.string, call)
    } catch {
      throw failure(error, call)
    }
    let value = HTTPCommand.value(of: response)
    if call.isStatement {
      for line in response.text.split(separator: "\n", omittingEmptySubsequences: false) {
        call.say(call.secrets.covering(String(line)))
      }
    }
    return .map(value)
  }

  private func send(_ words: ParsedWords, _ url: String, _ call: Invocation) throws(NATSError) -> HTTPResponse {
    let limit = call.limit(atMost: HTTPCommand.patience)
    let headers = words.all("--header").compactMap { HTTPCommand.field($0.string) }
    guard words.path == "post" else { return try HTTPClient().get(url, headers: headers, limit: limit) }
    let document = call.document ?? ""
    let type = document.asText == nil ? "application/json" : "text/plain; charset=utf-8"
    return try HTTPClient().post(url, body: document.documentBytes(), contentType: type, headers: headers, limit: limit)
  }

  private static func field(_ text: String) -> HTTPResponse.Field? {
    guard let colon = text.firstIndex(of: ":") else { return nil }
    let value = text[text.index(after: colon)...].drop { $0 == " " }
    return HTTPResponse.Field(name: String(text[..<colon]), value: String(value))
  }

  private static func value(of response: HTTPResponse) -> ValueMap {
    var headers = ValueMap()
    for field in response.headers {
      let name = field.name.lowercased()
      // As HTTP joins what comes more than once (RFC 9110, 5.3).
      headers[name] = .string((headers[name]?.asText.map { $0.string + ", " } ?? "") + field.value)
    }
    var value = ValueMap()
    value["status"] = .int(Int64(response.status))
    value["headers"] = .map(headers)
    value["body"] = .string(response.text)
    if let json = try? Value.json(response.body) { value["json"] = json }
    return value
  }

  private func failure(_ error: NATSError, _ call: Invocation) -> CommandFailure {
    let text = call.secrets.covering(error.reason)
    // The words as they were, but for a login in the URL.
    let ran = Text(words: [Text(name)] + call.words.map { $0.coveringLogins() })
    switch error {
    case .cancelled: return CommandFailure(.interrupted, text, ran: ran)
    case .invalidURL, .invalidName: return CommandFailure(.misused, text, advice: error.advice, ran: ran)
    default:
      let isLate = call.deadline <= .now
      return CommandFailure(
        isLate ? .timedOut : .failed, text, said: isLate ? text : nil, advice: error.advice, ran: ran,
        details: isLate ? nil : error.details)
    }
  }
}
