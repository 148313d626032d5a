/// Follows the brackets and strings of a text, line by line, as well as that goes without reading it: what a line leaves
/// open. The parser has the last word; this tells when it need not be asked.
struct BracketScanner {
  private enum Surrounding: Equatable {
    case bracket
    /// `${` in a string: its brace leads back into it.
    case interpolation
    case string(quote: UInt8, isTripled: Bool)
  }

  private var open: [Surrounding] = []

  /// Whether a bracket or a string of several lines is open.
  var isOpen: Bool { !open.isEmpty }

  mutating func pass(_ line: some Collection<UInt8>) {
    let bytes = Array(line)
    var place = 0
    while place < bytes.count {
      if case .string(let quote, let isTripled)? = open.last {
        place = passString(bytes, place, quote, isTripled)
      } else {
        place = passCode(bytes, place)
      }
    }
    // A string in simple quotes ends with its line.
    while case .string(_, isTripled: false)? = open.last { open.removeLast() }
  }

  private mutating func passCode(_ bytes: [UInt8], _ place: Int) -> Int {
    switch bytes[place] {
    case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): open.append(.bracket)
    case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): _ = open.popLast()
    case UInt8(ascii: "#") where place == 0 || bytes[place - 1] <= UInt8(ascii: " "): return bytes.count
    case UInt8(ascii: "$") where BracketScanner.has(UInt8(ascii: "{"), bytes, place + 1):
      open.append(.bracket)
      return place + 2
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      let isTripled = BracketScanner.isTripled(bytes, place)
      open.append(.string(quote: bytes[place], isTripled: isTripled))
      return place + (isTripled ? 3 : 1)
    default: break
    }
    return place + 1
  }

  private mutating func passString(_ bytes: [UInt8], _ place: Int, _ quote: UInt8, _ isTripled: Bool) -> Int {
    let isRaw = quote == UInt8(ascii: "'")
    switch bytes[place] {
    case quote where !isTripled || BracketScanner.isTripled(bytes, place):
      open.removeLast()
      return place + (isTripled ? 3 : 1)
    case UInt8(ascii: "\\") where !isRaw: return place + 2
    case UInt8(ascii: "$") where !isRaw && BracketScanner.has(UInt8(ascii: "{"), bytes, place + 1):
      open.append(.interpolation)
      return place + 2
    default: return place + 1
    }
  }

  private static func has(_ byte: UInt8, _ bytes: [UInt8], _ place: Int) -> Bool {
    place < bytes.count && bytes[place] == byte
  }

  private static func isTripled(_ bytes: [UInt8], _ place: Int) -> Bool {
    place + 2 < bytes.count && bytes[place + 1] == bytes[place] && bytes[place + 2] == bytes[place]
  }
}
