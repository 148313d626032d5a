/// What secrets fall into where they are taken apart, as a URL at its `@`, or a path at its `/`. An error that quotes a part
/// has lost where it comes from; here it is known again.
struct SecretParts: Sendable {
  /// Which parts are looked for.
  enum Reach: Sendable {
    /// In what one command says of its own words: nearly all.
    case words
    /// In what it says of a document, which it quotes more rarely, and has more words.
    case document
    /// In what any command of the run says: what is hardly a word of any language.
    case run

    fileprivate func includes(_ part: ArraySlice<UInt8>) -> Bool {
      switch self {
      case .words: part.count >= 3
      case .document: part.count >= 6
      case .run:
        part.count >= 8 && part.contains { (0x30...0x39).contains($0) } && part.contains { !(0x30...0x39).contains($0) }
      }
    }
  }

  /// A text without capital letters, as names of hosts come back.
  private struct Source: Sendable {
    var bytes: [UInt8] = []
    /// Which of the bytes are secret.
    var isHidden: [Bool] = []
  }

  private struct Place: Sendable {
    let source: Int
    let range: Range<Int>
  }

  private var sources: [Source] = []
  private var places: [ArraySlice<UInt8>: [Place]] = [:]

  /// Enough to tell where a part that stands in many places goes on as in one of them.
  private static let mostPlaces = 16

  /// Whether nothing is looked for.
  package var isEmpty: Bool { places.isEmpty }

  /// Has the parts of a text's secrets looked for.
  package mutating func add(_ text: Text, within reach: Reach) {
    guard text.isSecret else { return }
    var source = Source()
    source.bytes = text.string.utf8.map(SecretParts.lower)
    source.isHidden = Array(repeating: false, count: source.bytes.count)
    for range in text.hidden { for index in range { source.isHidden[index] = true } }
    add(source, reach)
    if let decoded = SecretParts.decoded(source) { add(decoded, reach) }
  }

  private mutating func add(_ source: Source, _ reach: Reach) {
    let bytes = source.bytes
    for range in SecretParts.parts(of: bytes) {
      // `nats` of `nats://` is no part of anybody's secret.
      guard source.isHidden[range].contains(true), reach.includes(bytes[range]),
        !bytes[range.upperBound...].starts(with: "://".utf8)
      else { continue }
      let known = places[bytes[range], default: []]
      if known.count < SecretParts.mostPlaces {
        places[bytes[range]] = known + [Place(source: sources.count, range: range)]
      }
    }
    sources.append(source)
  }

  /// The text with all parts in it marked as secret.
  package func covering(_ text: Text) -> Text {
    guard !isEmpty else { return text }
    let bytes = text.string.utf8.map(SecretParts.lower)
    var found: [Range<Int>] = []
    var end = 0
    for range in SecretParts.parts(of: bytes) where range.upperBound > end {
      for place in places[bytes[range]] ?? [] {
        end = max(end, cover(range, as: place, in: bytes, &found))
      }
      if SecretParts.isCutShort(range, in: bytes), isPiece(bytes[range]) { found.append(range) }
    }
    return text.hiding(found)
  }

  /// Notes what of a part is secret, and what stands around it there as it does in the secret.
  ///
  /// - Returns: where the text is something else again.
  private func cover(_ range: Range<Int>, as place: Place, in bytes: [UInt8], _ found: inout [Range<Int>]) -> Int {
    let source = sources[place.source]
    var start = (here: range.lowerBound, there: place.range.lowerBound)
    while start.here > 0, start.there > 0, source.isHidden[start.there - 1],
      bytes[start.here - 1] == source.bytes[start.there - 1]
    {
      start = (start.here - 1, start.there - 1)
    }
    var end = (here: range.upperBound, there: place.range.upperBound)
    while end.here < bytes.count, end.there < source.bytes.count, source.isHidden[end.there],
      bytes[end.here] == source.bytes[end.there]
    {
      end = (end.here + 1, end.there + 1)
    }
    for there in start.there..<end.there where source.isHidden[there] {
      let here = start.here + there - start.there
      if let last = found.last, last.upperBound == here {
        found[found.count - 1] = last.lowerBound..<here + 1
      } else {
        found.append(here..<here + 1)
      }
    }
    return end.here
  }

  /// Whether it is the beginning or the end of a part.
  private func isPiece(_ bytes: ArraySlice<UInt8>) -> Bool {
    Reach.words.includes(bytes)
      && places.keys.contains { $0.starts(with: bytes) || $0.reversed().starts(with: bytes.reversed()) }
  }

  // MARK: Letters

  private static let ellipsis = Array("…".utf8)

  /// Whether a `…` stands beside it, for what was left out.
  private static func isCutShort(_ range: Range<Int>, in bytes: [UInt8]) -> Bool {
    bytes[range.upperBound...].starts(with: ellipsis)
      || range.lowerBound >= ellipsis.count && bytes[(range.lowerBound - ellipsis.count)...].starts(with: ellipsis)
  }

  /// What stands between the signs at which texts are taken apart.
  private static func parts(of bytes: [UInt8]) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var place = 0
    while place < bytes.count {
      let start = place
      while place < bytes.count, continuesPart(bytes, place) { place += 1 }
      if place > start { parts.append(start..<place) } else { place += 1 }
    }
    return parts
  }

  private static func continuesPart(_ bytes: [UInt8], _ place: Int) -> Bool {
    switch bytes[place] {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
      UInt8(ascii: "_"):
      true
    case 0x80...:
      // Neither byte of the sign for what was left out.
      !(max(0, place - 2)...place).contains { bytes[$0...].starts(with: ellipsis) }
    default: false
    }
  }

  private static func lower(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }

  /// The text as it is read from a URL; nil if that makes no difference.
  private static func decoded(_ source: Source) -> Source? {
    guard source.bytes.contains(UInt8(ascii: "%")) else { return nil }
    var decoded = Source()
    var place = 0
    while place < source.bytes.count {
      var (byte, length) = (source.bytes[place], 1)
      if byte == UInt8(ascii: "%"), place + 2 < source.bytes.count,
        let value = UInt8(String(decoding: source.bytes[place + 1...place + 2], as: UTF8.self), radix: 16)
      {
        (byte, length) = (lower(value), 3)
      }
      decoded.bytes.append(byte)
      decoded.isHidden.append(source.isHidden[place..<place + length].contains(true))
      place += length
    }
    return decoded
  }
}

extension Text {
  /// The text with more of it secret.
  package func hiding(_ ranges: [Range<Int>]) -> Text {
    guard !ranges.isEmpty else { return self }
    var joined: [Range<Int>] = []
    for range in (ranges + hidden).sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = joined.last, range.lowerBound <= last.upperBound {
        joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        joined.append(range)
      }
    }
    var text = Text(string, hidden: joined)
    text.isKnownLater = isKnownLater
    return text
  }
}

extension Value {
  /// Every text within that has a secret part.
  public var secretTexts: [Text] {
    switch self {
    case .list(let elements): elements.flatMap(\.secretTexts)
    case .map(let map): map.values.flatMap(\.secretTexts)
    case .secret(let text): [text]
    case .record(let record): record.text.isSecret ? [record.text] : []
    default: []
    }
  }
}
