/// Looks for a stretch of bytes in time that grows with the text's length, whatever the two are: after a mismatch the
/// search goes on behind what it knows already (Knuth, Morris and Pratt).
public struct ByteSearch: Sendable {
  private let pattern: [UInt8]
  /// By how many bytes matched: how many of them match again when the next one does not.
  private let fallbacks: [Int]

  public init(_ pattern: [UInt8]) {
    self.pattern = pattern
    var fallbacks = [0, 0]
    var matched = 0
    for byte in pattern.dropFirst() {
      while matched > 0, pattern[matched] != byte { matched = fallbacks[matched] }
      if pattern[matched] == byte { matched += 1 }
      fallbacks.append(matched)
    }
    self.fallbacks = fallbacks
  }

  /// The first place at which it stands, from `start` on.
  public func firstRange(in bytes: ArraySlice<UInt8>) -> Range<Int>? {
    try? boundedRange(in: bytes, within: nil)
  }

  /// The same, as an operation on values.
  func range(in bytes: ArraySlice<UInt8>) throws(ValueProblem) -> Range<Int>? {
    try boundedRange(in: bytes, within: .ofThread)
  }

  private static let stretch = 8_192

  private func boundedRange(in bytes: ArraySlice<UInt8>, within budget: Budget?) throws(ValueProblem) -> Range<Int>? {
    guard !pattern.isEmpty else { return bytes.startIndex..<bytes.startIndex }
    var matched = 0
    var place = bytes.startIndex
    while place < bytes.endIndex {
      let end = Swift.min(place + ByteSearch.stretch, bytes.endIndex)
      try budget?.spend((end - place) / 4 + 1)
      while place < end {
        let byte = bytes[place]
        while matched > 0, pattern[matched] != byte { matched = fallbacks[matched] }
        if pattern[matched] == byte { matched += 1 }
        place += 1
        if matched == pattern.count { return (place - matched)..<place }
      }
    }
    return nil
  }
}
