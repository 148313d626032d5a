/// The page that shows a supercluster: one document without anything from outside.
package struct PicturePage: Sendable {
  let picture: SuperclusterPicture

  package init(_ picture: SuperclusterPicture) { self.picture = picture }

  /// The whole document as a file: a still picture.
  package var file: String { document(isLive: false, nonce: PicturePage.nonce()) }

  /// What the servers as a whole are, in a line.
  package var summary: String { PictureWords.summary(picture) }

  /// The whole document as it is served: its script asks for `content` again and again.
  func served(nonce: String) -> String { document(isLive: true, nonce: nonce) }

  /// What of the document changes.
  var content: String { body.html }

  /// Only styles and scripts that bear it are the page's own.
  package static func nonce() -> String {
    (0..<2).map { _ in String(UInt64.random(in: 0 ... .max), radix: 36) }.joined()
  }

  /// Nothing is fetched but, where it is live, from where the page itself came.
  package static func policy(nonce: String, isLive: Bool) -> String {
    [
      "default-src 'none'", "style-src 'nonce-\(nonce)'", "script-src 'nonce-\(nonce)'",
      isLive ? "connect-src 'self'" : "connect-src 'none'", "base-uri 'none'", "form-action 'none'",
    ].joined(separator: "; ")
  }

  private func document(isLive: Bool, nonce: String) -> String {
    let style = Markup(stringLiteral: PicturePage.style)
    let script = Markup(stringLiteral: PicturePage.script)
    let page: Markup = """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="\(PicturePage.policy(nonce: nonce, isLive: isLive))">
      <meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">
      <title>nbx: \(picture.regions.map(\.name).joined(separator: " "))</title>
      <style nonce="\(nonce)">\(style)</style></head>
      <body data-live="\(isLive ? "yes" : "no")"><p id="lost" role="alert" hidden></p>
      \(body)<script nonce="\(nonce)">\(script)</script></body></html>

      """
    return page.html
  }

  private var body: Markup {
    let tables = PictureTables(picture: picture)
    let isWell = picture.problems.isEmpty && !picture.servers.isEmpty
    let names = picture.regions.map(\.name).joined(separator: ", ")
    let drawing: Markup =
      picture.regions.isEmpty && picture.servers.isEmpty
      ? "<p class=\"nothing\">Nothing is here. Make something: <code>nbx run recipes/install.nbx c1 c2 c3</code></p>"
      : "<div class=\"drawing wide\">\(SuperclusterDrawing(picture).markup)</div>\(legend)"
    return """
      <main id="picture" data-taken="\(PictureWords.moment(picture))">
      <header><h1>\(names.isEmpty ? "No supercluster" : names)</h1>
      <p class="summary \(isWell ? "well" : "bad")">\(isWell ? "✓" : "✕") \(PictureWords.summary(picture))</p>
      <p class="quiet">target \(picture.target), <time>\(PictureWords.moment(picture))</time></p></header>
      \(tables.problems)\(picture.servers.isEmpty ? .none : tables.figures)\(drawing)
      \(picture.servers.isEmpty ? .none : tables.streams + tables.links + tables.servers)\(tables.notes)
      </main>
      """
  }

  private var legend: Markup {
    """
    <ul class="legend"><li><i class="mark gateway"></i> gateways between NATS clusters: connected of expected, \
    median round trip</li><li><i class="mark route"></i> routes within a NATS cluster: pairs of servers</li>
    \(picture.leafnodes.isEmpty ? .none : "<li><i class=\"mark leaf\"></i> leafnodes: connected of configured</li>" as Markup)
    \(LinkRow.rows(of: picture.links).isEmpty ? .none : "<li><i class=\"mark set\"></i> a distance is set</li>" as Markup)
    <li><i class="mark missing"></i> ✕ down, missing or cut</li><li><i class="mark storage"></i> has JetStream</li>
    <li>★ leads JetStream</li><li><i class="dot leads"></i> leads a stream</li>
    <li><i class="dot follows"></i> follows in a stream</li></ul>
    """
  }
}

/// The pages of a live picture: the document, what of it changes, and the same as data. However many look at it, servers
/// are asked no more than once a second or so.
package final class PictureSite {
  private let maker: PictureMaker
  private var last: (picture: SuperclusterPicture, at: ContinuousClock.Instant)?

  private static let freshness = Duration.milliseconds(800)

  package init(_ maker: PictureMaker) { self.maker = maker }

  /// The page at a path; nil where there is none.
  package func answer(_ path: String) -> PageAnswer? {
    switch path {
    case "/":
      let nonce = PicturePage.nonce()
      var answer = PageAnswer(PicturePage(picture()).served(nonce: nonce))
      answer.policy = PicturePage.policy(nonce: nonce, isLive: true) + "; frame-ancestors 'none'"
      return answer
    case "/picture":
      return PageAnswer(PicturePage(picture()).content)
    case "/picture.json":
      var answer = PageAnswer(picture().value.json(indented: true).masked + "\n")
      answer.type = "application/json"
      return answer
    default: return nil
    }
  }

  private func picture() -> SuperclusterPicture {
    if let last, last.at.duration(to: .now) < PictureSite.freshness { return last.picture }
    let picture = maker.picture()
    last = (picture, .now)
    return picture
  }
}

/// HTML or SVG. What is filled into a literal is text, and escaped; only other markup goes in as it is. So no name that a
/// server or a stream bears can become a tag, an attribute or a script.
package struct Markup: Sendable, ExpressibleByStringInterpolation {
  package private(set) var html: String

  package init(stringLiteral literal: String) { html = literal }
  package init(stringInterpolation parts: StringInterpolation) { html = parts.html }

  package static let none: Markup = ""

  package static func + (a: Markup, b: Markup) -> Markup { "\(a)\(b)" }
  package static func += (a: inout Markup, b: Markup) { a.html += b.html }

  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var html = ""

    package init(literalCapacity: Int, interpolationCount: Int) { html.reserveCapacity(literalCapacity) }

    package mutating func appendLiteral(_ literal: String) { html += literal }
    package mutating func appendInterpolation(_ markup: Markup) { html += markup.html }
    package mutating func appendInterpolation(_ parts: [Markup]) { for part in parts { html += part.html } }
    package mutating func appendInterpolation(_ number: Int) { html += String(number) }

    /// Coordinates: to a tenth.
    package mutating func appendInterpolation(_ number: Double) {
      let tenths = Int((number * 10).rounded())
      html += tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
    }

    package mutating func appendInterpolation(_ text: String) {
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
