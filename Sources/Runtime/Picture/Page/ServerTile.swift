/// One server in the drawing: its number, a sign for its state, a star for the meta leader, a dot for each stream.
struct ServerTile {
  private let server: SuperclusterPicture.Server
  private let picture: SuperclusterPicture
  private let led: Int
  private let followed: Int

  private static let mostDots = 5

  init(_ server: SuperclusterPicture.Server, in picture: SuperclusterPicture) {
    self.server = server
    self.picture = picture
    let copies = picture.streams.flatMap(\.copies).filter { $0.server == server.name }
    led = copies.count(where: \.isLeader)
    followed = copies.count - led
  }

  private var isMetaLeader: Bool { picture.leadsMeta(server) }

  func markup(x: Double, y: Double) -> Markup {
    let (width, height) = (PictureLayout.tile.width, PictureLayout.tile.height)
    let number = server.name.split(separator: "-").last.map(String.init).flatMap { $0.count < 4 ? $0 : nil } ?? "•"
    let text = server.isUp ? number : "\(PictureWords.sign(server.state)) \(number)"
    let star: Markup =
      isMetaLeader ? "<text class=\"star\" x=\"\(x + width - 3)\" y=\"\(y + 10)\" text-anchor=\"end\">★</text>" : .none
    let storage = server.figures?.hasJetStream == true ? "storage" : ""
    return """
      <g class="server \(server.isUp ? "up" : "down") \(storage)" data-server="\(server.name)" \
      data-state="\(server.state)"><title>\(detail)</title>
      <rect x="\(x)" y="\(y)" width="\(width)" height="\(height)" rx="7"/>
      <text class="number" x="\(x + width / 2)" y="\(y + 19)" text-anchor="middle">\(text)</text>\(star)\
      \(dots(x: x + width / 2, y: y + height - 7))</g>
      """
  }

  private func dots(x: Double, y: Double) -> Markup {
    let count = led + followed
    guard count > 0 else { return .none }
    guard count <= ServerTile.mostDots else {
      return "<text class=\"dots-text\" x=\"\(x)\" y=\"\(y + 3)\" text-anchor=\"middle\">\(led)/\(count)</text>"
    }
    let first = x - Double(count - 1) * 3
    return
      "\((0..<count).map { "<circle class=\"\($0 < led ? "leads" : "follows")\" cx=\"\(first + Double($0) * 6)\" cy=\"\(y)\" r=\"2.1\"/>" as Markup })"
  }

  private var detail: String {
    var lines = [
      "\(server.name) \(PictureWords.sign(server.state)) \(server.state)",
      server.natsCluster.isEmpty ? "in no NATS cluster" : "NATS cluster \(server.natsCluster)",
    ]
    if isMetaLeader { lines.append("leads JetStream's meta group") }
    if let figures = server.figures {
      lines.append("nats-server \(server.version), up \(figures.uptime)")
      lines.append(
        "\(figures.connections) connections, \(figures.subscriptions) subscriptions, "
          + "\(ServerTables.size(figures.memory)), \(Int(figures.cpu.rounded()))% cpu")
    }
    for leaf in picture.leafnodes where leaf.server == server.name {
      lines.append(PictureWords.connection(of: leaf))
    }
    if led + followed > 0 { lines.append("holds \(led + followed) streams, leads \(led)") }
    if !server.url.isEmpty { lines.append(server.url) }
    return lines.joined(separator: " · ")
  }
}
