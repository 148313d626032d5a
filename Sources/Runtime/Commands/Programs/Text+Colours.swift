import Interpreter

extension Text {
  /// The text without the sequences by which a program colours it: `k3d` does so even where nobody sees it.
  var withoutColours: Text {
    let bytes = Array(string.utf8)
    guard bytes.contains(0x1b) else { return self }
    var plain = Text("")
    var start = 0
    var place = 0
    while place < bytes.count {
      guard bytes[place] == 0x1b, place + 1 < bytes.count, bytes[place + 1] == UInt8(ascii: "[") else {
        place += 1
        continue
      }
      plain.append(slice(start..<place))
      // Digits, `;` and the like, up to a letter.
      place += 2
      while place < bytes.count, (0x20...0x3f).contains(bytes[place]) { place += 1 }
      if place < bytes.count, (0x40...0x7e).contains(bytes[place]) { place += 1 }
      start = place
    }
    plain.append(slice(start..<bytes.count))
    return plain
  }
}
