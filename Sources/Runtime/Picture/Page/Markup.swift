/// HTML or SVG. What is filled into a literal is text, and escaped; only other markup goes in as it is. So no name that a
/// server or a stream bears can become a tag, an attribute or a script.
struct Markup: Sendable, ExpressibleByStringInterpolation {
  private(set) var html: String

  init(stringLiteral literal: String) { html = literal }
  init(stringInterpolation parts: StringInterpolation) { html = parts.html }

  static let none: Markup = ""

  static func + (a: Markup, b: Markup) -> Markup { "\(a)\(b)" }
  static func += (a: inout Markup, b: Markup) { a.html += b.html }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var html = ""

    init(literalCapacity: Int, interpolationCount: Int) { html.reserveCapacity(literalCapacity) }

    mutating func appendLiteral(_ literal: String) { html += literal }
    mutating func appendInterpolation(_ markup: Markup) { html += markup.html }
    mutating func appendInterpolation(_ parts: [Markup]) { for part in parts { html += part.html } }
    mutating func appendInterpolation(_ number: Int) { html += String(number) }

    /// Coordinates: to a tenth.
    mutating func appendInterpolation(_ number: Double) {
      let tenths = Int((number * 10).rounded())
      html += tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
    }

    mutating func appendInterpolation(_ text: String) {
      for character in text.unicodeScalars {
        switch character {
        case "&": html += "&amp;"
        case "<": html += "&lt;"
        case ">": html += "&gt;"
        case "\"": html += "&quot;"
        case "'": html += "&#39;"
        case "\n", "\t": html += " "
        // Control characters and those that turn the direction of what follows would garble more than their own name.
        case _ where Markup.isUnseen(character): html += "\u{FFFD}"
        default: html.unicodeScalars.append(character)
        }
      }
    }
  }

  private static func isUnseen(_ character: Unicode.Scalar) -> Bool {
    switch character.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
    default: false
    }
  }
}
