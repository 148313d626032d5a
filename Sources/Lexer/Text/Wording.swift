/// The one of `candidates` that somebody who wrote `word` most likely meant, if any is near enough.
public func nearestSpelling(to word: String, among candidates: some Sequence<String>) -> String? {
  let letters = Array(word.lowercased().unicodeScalars)
  guard letters.count <= 64 else { return nil }
  // A third of the letters may be wrong, at least one: `kubctl` means `kubectl`, `x` does not mean `if`.
  let limit = max(1, letters.count / 3)
  var best: (distance: Int, word: String)?
  for candidate in candidates where candidate != word {
    let other = Array(candidate.lowercased().unicodeScalars)
    guard abs(other.count - letters.count) <= limit else { continue }
    let distance = editDistance(letters, other)
    guard distance <= limit, distance < max(letters.count, other.count) else { continue }
    if let best, (best.distance, best.word) <= (distance, candidate) { continue }
    best = (distance, candidate)
  }
  return best?.word
}

/// How many letters must be put in, left out, replaced or swapped with their neighbour.
private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var row = [i + 1]
    for (j, y) in b.enumerated() {
      var cost = min(last[j] + (x == y ? 0 : 1), last[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, x == b[j - 1], a[i - 1] == y { cost = min(cost, beforeLast[j - 1] + 1) }
      row.append(cost)
    }
    (beforeLast, last) = (last, row)
  }
  return last[b.count]
}

/// `1 server`, `2 servers`.
public func counted(_ count: some BinaryInteger, _ thing: String) -> String {
  "\(count) \(thing)\(count == 1 ? "" : "s")"
}

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
