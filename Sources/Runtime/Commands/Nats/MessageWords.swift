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
      MessageWords.filling(text) { mark in
        switch mark {
        case "Count": String(number)
        case "Request": question?.text
        default: nil
        }
      }
    }
    var own = Headers()
    for field in headers.fields { own.add(field.name, filled(field.value)) }
    return (Array(filled(body).utf8), own.fields.isEmpty ? nil : own)
  }

  /// The text with a value in the place of each `{{Mark}}` that has one; blanks within the braces do not count.
  private static func filling(_ text: String, by value: (String) -> String?) -> String {
    var filled = ""
    var rest = text[...]
    while let open = rest.firstRange(of: "{{") {
      filled += rest[..<open.lowerBound]
      rest = rest[open.lowerBound...]
      let inside = rest.dropFirst(2)
      if let close = inside.firstRange(of: "}}"),
        let value = value(inside[..<close.lowerBound].split(separator: " ").joined(separator: " "))
      {
        filled += value
        rest = inside[close.upperBound...]
      } else {
        filled += rest.prefix(1)
        rest = rest.dropFirst()
      }
    }
    return filled + rest
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
