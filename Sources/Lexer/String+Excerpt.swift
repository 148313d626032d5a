extension String {
  /// The text without its middle, and how much that is, if it has more than `most` bytes: its beginning and its end
  /// tell enough in a message.
  public func excerpt(upTo most: Int) -> String {
    guard utf8.count > most else { return self }
    var start = utf8.index(startIndex, offsetBy: most / 2)
    var end = utf8.index(endIndex, offsetBy: -most / 4)
    // No letter is cut in two.
    while utf8[start] & 0xc0 == 0x80 { start = utf8.index(before: start) }
    while utf8[end] & 0xc0 == 0x80 { end = utf8.index(after: end) }
    return "\(self[..<start])… \(utf8.distance(from: start, to: end)) bytes more …\(self[end...])"
  }
}
