import ValuesAndCommands

/// What a call of `link` asks for: one part, or one for each entry of a matrix.
package struct LinkRequest: Sendable {
  struct Part: Sendable, Equatable {
    /// Nil for every region.
    let from: String?
    /// Nil for all others.
    let to: String?
    let isOneWay: Bool
    let networks: [LinkNetwork]
    let act: LinkAct
  }

  let parts: [Part]

  /// - Parameter call: one of `link`, and not of `link list`.
  /// - Throws: `.misused` for a matrix that makes no sense.
  package init(_ call: Invocation) throws(CommandFailure) {
    let words = call.words.map { $0.isKnownLater ? nil : $0 }
    guard let document = call.document else {
      parts = [try LinkRequest.part(words, in: nil)]
      return
    }
    // In a plan, of which no part is known.
    if case .later = document {
      parts = []
      return
    }
    guard case .map(let matrix) = document else {
      throw .misused("a matrix of links is a map, not \(document.typeWithArticle)", advice: LinkRequest.example)
    }
    var parts: [Part] = []
    for (pair, entry) in matrix {
      let part = try LinkRequest.part(words + LinkRequest.words(of: entry, for: pair), in: pair)
      // `c1 c2` and `c2 c1` are one link: which of them came last would decide.
      if parts.contains(where: part.contradicts) {
        throw .misused(
          "two entries set one link to different things: `\(pair)` and one before it",
          advice: "keep one of them; with one_way: true each is a direction")
      }
      parts.append(part)
    }
    self.parts = parts
  }

  private static let example = "as in link set with { \"c1 c2\": { rtt: 80ms } }"

  /// An entry of a matrix as the words that say the same, so that it is checked as they are.
  private static func words(of entry: Value, for pair: String) throws(CommandFailure) -> [Text?] {
    let names = pair.split(separator: " ").map { Text(String($0)) }
    guard names.count == 2 else {
      throw .misused("a matrix of links has two clusters as a key, not `\(pair)`", advice: LinkRequest.example)
    }
    guard case .map(let settings) = entry else {
      throw .misused(
        "what a link is set to is a map, not \(entry.typeWithArticle): `\(pair)`", advice: LinkRequest.example)
    }
    var words: [Text?] = names
    if settings["image"] != nil {
      throw .misused(
        "the image is one for all of a matrix, not of `\(pair)`",
        advice: "name it before `with`: link set --image IMAGE with { … }")
    }
    for (key, value) in settings {
      let flag = Text("--\(key.replacing("_", with: "-"))")
      switch value {
      case .bool(false): continue
      case .bool(true): words.append(flag)
      case .later: words += [flag, nil]
      default: words += [flag, value.documentText(sizes: .quantity)]
      }
    }
    return words
  }

  /// - Parameter pair: the key of the matrix's entry.
  private static func part(_ words: [Text?], in pair: String?) throws(CommandFailure) -> Part {
    do throws(WordProblem) {
      guard let parsed = try LinkGrammar.grammar.parse(words, of: LinkGrammar.name) else {
        // In a plan, of whose words too few are known.
        return Part(from: nil, to: nil, isOneWay: false, networks: [], act: .join)
      }
      return Part(parsed)
    } catch {
      let place = pair.map { ": `\($0)`" } ?? ""
      throw .misused(error.message + place, advice: error.advice)
    }
  }

  /// The clusters that it names, each once.
  package var names: [String] {
    var names: [String] = []
    for name in parts.flatMap({ [$0.from, $0.to].compactMap { $0 } }) where !names.contains(name) { names.append(name) }
    return names
  }

  /// Whether it tells the two networks apart.
  package var tellsNetworks: Bool { parts.contains { $0.networks.count == 1 } }

  /// Whether it is about links that there have to be; what is healed may be gone already.
  package var needsLinks: Bool { parts.contains(where: \.needsLinks) }

  /// Every direction that it is about, each once.
  ///
  /// - Parameter regions: those that there are.
  package func links(among regions: [String]) -> [DirectedLink] {
    var seen: Set<DirectedLink> = []
    return parts.flatMap { $0.links(among: regions) }.filter { seen.insert($0).inserted }
  }

  /// Makes the links as they are asked to be.
  ///
  /// - Parameters:
  ///   - links: those that are not plain.
  ///   - regions: those that there are.
  package func change(_ links: inout [DirectedLink: LinkShape], among regions: [String]) {
    for part in parts {
      for link in part.links(among: regions) {
        var shape = links[link] ?? LinkShape()
        part.act.change(&shape)
        links[link] = shape.isPlain ? nil : shape
      }
    }
  }

  /// - Throws: `.misused` for a region that is to be set or cut from others where there are none.
  package func checkOthers(among regions: [String]) throws(CommandFailure) {
    for part in parts {
      guard let lonely = part.from, part.to == nil, part.needsLinks, !regions.contains(where: { $0 != lonely }) else {
        continue
      }
      throw .misused(
        "there is no region besides \(lonely), and so no link",
        advice: "make another, as in nbx run install \(lonely) c2")
    }
  }
}

extension LinkRequest.Part {
  fileprivate init(_ words: ParsedWords) {
    func name(_ place: Int) -> String? { words.positional(place).flatMap { $0.string.isEmpty ? nil : $0.string } }
    from = name(0)
    to = name(1)
    isOneWay = words.has("--one-way")
    networks = words.string("--over").flatMap(LinkNetwork.init).map { [$0] } ?? LinkNetwork.allCases
    switch words.path {
    case "set":
      var wish = LinkWish()
      wish.rtt = words.duration("--rtt")?.nanoseconds
      wish.jitter = words.duration("--jitter")?.nanoseconds
      wish.loss = words.share("--loss")
      if words.isGiven("--rate") { wish.rate = words.rate("--rate").map { .bytes($0) } ?? .unlimited }
      act = .set(wish)
    case "cut": act = .cut(words.has("--refuse") ? .refused : .silent)
    case "join": act = .join
    default: act = .heal
    }
  }

  /// Whether both would make something else of the same direction of the same network.
  fileprivate func contradicts(_ other: LinkRequest.Part) -> Bool {
    guard case .set(let mine) = act, case .set(let theirs) = other.act, mine.contradicts(theirs) else { return false }
    let regions = [from, to].compactMap { $0 }
    return !Set(links(among: regions)).isDisjoint(with: other.links(among: regions))
  }

  fileprivate var needsLinks: Bool {
    switch act {
    case .set, .cut: true
    case .join, .heal: false
    }
  }

  fileprivate func links(among regions: [String]) -> [DirectedLink] {
    let starts = from.map { [$0] } ?? regions
    return starts.flatMap { start in
      (to.map { [$0] } ?? regions).filter { $0 != start }.flatMap { end in
        networks.flatMap { network in
          let link = DirectedLink(from: start, to: end, over: network)
          return isOneWay ? [link] : [link, link.reversed]
        }
      }
    }
  }
}

/// What is to become of a link.
enum LinkAct: Sendable, Equatable {
  case set(LinkWish)
  case cut(LinkShape.Cut)
  /// Ends a cut and leaves the distance.
  case join
  case heal

  func change(_ shape: inout LinkShape) {
    switch self {
    case .set(let wish): wish.change(&shape)
    case .cut(let cut): shape.cut = cut
    case .join: shape.cut = nil
    case .heal: shape = LinkShape()
    }
  }
}

/// What a link is to be like; nil leaves something as it is.
struct LinkWish: Sendable, Equatable {
  enum Rate: Sendable, Equatable {
    /// As many bytes as the machine moves.
    case unlimited
    /// So many a second.
    case bytes(Int64)
  }

  /// The round trip in nanoseconds, of which each direction has its half.
  var rtt: Int64?
  /// In nanoseconds, of each direction.
  var jitter: Int64?
  var rate: Rate?
  /// A share of one.
  var loss: Double?

  fileprivate func contradicts(_ other: LinkWish) -> Bool {
    func differ<Amount: Equatable>(_ path: KeyPath<LinkWish, Amount?>) -> Bool {
      if let mine = self[keyPath: path], let theirs = other[keyPath: path] { mine != theirs } else { false }
    }
    return differ(\.rtt) || differ(\.jitter) || differ(\.rate) || differ(\.loss)
  }

  fileprivate func change(_ shape: inout LinkShape) {
    if let rtt { shape.delay = rtt / 2 }
    if let jitter { shape.jitter = jitter }
    if let loss { shape.loss = loss }
    switch rate {
    case nil: break
    case .unlimited?: shape.rate = nil
    case .bytes(let bytes)?: shape.rate = bytes
    }
  }
}
