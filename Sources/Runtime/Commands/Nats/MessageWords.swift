import Interpreter
import NATS

/// A message as the words of a call give it: the body behind the subject or by `with`, and the headers. It may be a
/// template, in which `{{Count}}` stands for the message's number.
struct MessageWords: Sendable {
  let body: String
  let headers: Headers

  init(_ call: NatsCall) throws(CommandFailure) {
    body = try call.body(behind: 1)
    headers = try MessageWords.headers(of: call)
  }

  var isEmpty: Bool { body.isEmpty && headers.fields.isEmpty }

  /// The message as it is written.
  var plain: (payload: [UInt8], headers: Headers?) { (Array(body.utf8), headers.fields.isEmpty ? nil : headers) }

  /// The message of that number, from 1.
  ///
  /// - Parameter question: what it answers; `{{Request}}` is that one's body.
  func filled(_ number: Int, answering question: Message? = nil) -> (payload: [UInt8], headers: Headers?) {
    func filled(_ text: String) -> String {
      let counted = MessageWords.replacing("{{Count}}", in: text, by: String(number))
      guard let question else { return counted }
      return MessageWords.replacing("{{Request}}", in: counted, by: question.text)
    }
    var own = Headers()
    for field in headers.fields { own.add(field.name, filled(field.value)) }
    return (Array(filled(body).utf8), own.fields.isEmpty ? nil : own)
  }

  private static func replacing(_ mark: String, in text: String, by value: String) -> String {
    var replaced = ""
    var rest = text[...]
    while let place = rest.firstRange(of: mark) {
      replaced += rest[..<place.lowerBound] + value
      rest = rest[place.upperBound...]
    }
    return replaced + rest
  }

  static func headers(of call: NatsCall) throws(CommandFailure) -> Headers {
    var headers = Headers()
    for word in call.words.all("--header") {
      let parts = word.string.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else {
        throw CommandFailure(
          .misused, "`\(word.masked)` is no header: it has no colon", advice: "write --header 'Key: value'")
      }
      headers.add(String(parts[0]), String(parts[1].drop { $0 == " " }))
    }
    return headers
  }
}
