import Interpreter

/// Covers the secrets that a program was given in what it says.
///
/// Long ones are covered wherever they stand. Short ones, such as `js`, stand in much innocent text, so those that this
/// program was given itself are covered only where they stand as words of their own: in quotes, behind a colon.
struct SecretCover: Sendable {
  private let registry: SecretRegistry
  private let own: [[UInt8]]

  init(_ program: ProgramCall, _ call: Invocation) {
    registry = call.secrets
    var secrets: Set<String> = []
    for text in program.arguments + (program.document?.secretTexts ?? []) where text.isSecret {
      registry.add(text)
      secrets.formUnion(text.knownSecrets)
    }
    own = secrets.filter { !$0.isEmpty }.map { Array($0.utf8) }
  }

  func text(_ bytes: [UInt8]) -> Text {
    var text = registry.covering(String(decoding: bytes, as: UTF8.self))
    for secret in own { text = covering(secret, in: text) }
    return text
  }

  private func covering(_ secret: [UInt8], in text: Text) -> Text {
    let bytes = Array(text.string.utf8)
    var covered = Text("")
    var shown = 0
    let search = ByteSearch(secret)
    var rest = bytes[...]
    while let found = search.firstRange(in: rest) {
      rest = bytes[found.upperBound...]
      let isWord =
        !(found.lowerBound > 0 && SecretCover.continuesWord(bytes[found.lowerBound - 1]))
        && !(rest.first.map(SecretCover.continuesWord) ?? false)
      guard isWord else { continue }
      covered.append(text.slice(shown..<found.lowerBound))
      covered.append(.secret(String(decoding: secret, as: UTF8.self)))
      shown = found.upperBound
    }
    guard shown > 0 else { return text }
    covered.append(text.slice(shown..<bytes.count))
    return covered
  }

  private static func continuesWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), 0x80...:
      true
    default: false
    }
  }
}

extension Value {
  /// Every text within that has a secret part.
  var secretTexts: [Text] {
    switch self {
    case .list(let elements): elements.flatMap(\.secretTexts)
    case .map(let map): map.values.flatMap(\.secretTexts)
    case .secret(let text): [text]
    case .record(let record): record.text.isSecret ? [record.text] : []
    default: []
    }
  }
}
