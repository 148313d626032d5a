import Interpreter

/// Sizes as nats-server reads them: digits and a suffix. Without an `i`, `G` is 10^9 to it, but `GB` is 2^30; the same
/// text means the same here and in Kubernetes, so it is passed on as it is.
enum ServerSize {
  /// The suffixes, in lower case; read off what `nats-server -t` (2.11.4) takes.
  private static let suffixes: Set<String> = {
    var suffixes: Set = [""]
    for prefix in ["k", "m", "g", "t", "p"] {
      for ending in ["", "b", "i", "ib"] { suffixes.insert(prefix + ending) }
    }
    return suffixes
  }()

  /// The size as it may stand in `nats.conf`: as it was written, else in bytes. Nil if it is no size.
  static func spelled(_ value: Value) -> String? {
    switch value {
    case .int(let int): return String(int)
    case .size(let size): return isUnderstood(size.quantity) ? size.quantity : String(size.bytes)
    case .string(let string):
      let bare = ConfigurationText.unwrappedRaw(string) ?? string
      return isUnderstood(bare) ? bare : SizeValue(parsing: bare).map { String($0.bytes) }
    default: return nil
    }
  }

  private static func isUnderstood(_ text: String) -> Bool {
    let digits = text.prefix { ("0"..."9").contains($0) }
    return !digits.isEmpty && suffixes.contains(text.dropFirst(digits.count).lowercased())
  }
}
