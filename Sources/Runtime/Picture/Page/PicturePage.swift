/// The page that shows a supercluster: one document without anything from outside.
public struct PicturePage: Sendable {
  let picture: SuperclusterPicture

  public init(_ picture: SuperclusterPicture) { self.picture = picture }

  /// The whole document as a file: a still picture.
  public var file: String { document(isLive: false, nonce: PicturePage.nonce()) }

  /// What the servers as a whole are, in a line.
  public var summary: String { PictureWords.summary(picture) }

  /// The whole document as it is served: its script asks for `content` again and again.
  func served(nonce: String) -> String { document(isLive: true, nonce: nonce) }

  /// What of the document changes.
  var content: String { body.html }

  /// Only styles and scripts that bear it are the page's own.
  static func nonce() -> String {
    (0..<2).map { _ in String(UInt64.random(in: 0 ... .max), radix: 36) }.joined()
  }

  /// Nothing is fetched but, where it is live, from where the page itself came.
  static func policy(nonce: String, isLive: Bool) -> String {
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
