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
