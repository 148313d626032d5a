import Machine

/// The bytes of one direction of a connection that are on their way, and when each of them arrives. Their order is kept.
///
/// It knows no clock: times are nanoseconds of whatever clock its callers have.
final class DelayLine {
  /// What comes behind the last byte.
  enum End {
    /// The sender has no more to say.
    case finish
    /// The sender is gone.
    case reset
  }

  private struct Piece {
    let bytes: UnsafeMutableRawPointer?
    let count: Int
    /// How many of them have been handed on.
    var sent = 0
    let arrival: Int64
    /// When the link's rate has let it through.
    var departure: Int64
    var release: Int64 = 0
    let sway: Double
    let isLost: Bool
    var end: End?
  }

  /// Which piece it is, as long as nothing is dropped.
  typealias Place = Int

  private var pieces: [Piece] = []
  /// Those before it have been handed on.
  private var first = 0
  /// Bytes that are held.
  private(set) var held = 0
  /// What holding them takes of the memory: many small pieces take more than their bytes.
  var cost: Int { held + (pieces.count - first) * Self.overhead }
  private static let overhead = 128

  var isEmpty: Bool { first == pieces.count }

  /// When the next of it may be handed on.
  var nextRelease: Int64? { isEmpty ? nil : pieces[first].release }

  deinit { discard() }

  // MARK: Coming

  /// Takes bytes that have come now.
  ///
  /// - Parameter pace: that of the link that they go over; nil where they go over none.
  func push(_ bytes: UnsafeRawBufferPointer, at now: Int64, by pace: LinkPace?) {
    let lost = pace?.bytesBeforeLoss(in: bytes.count)
    let burst = pace?.burst ?? .max
    var start = 0
    while start < bytes.count {
      var end = start + min(bytes.count - start, burst)
      if let lost, start < lost { end = min(end, lost) }
      let count = end - start
      let copy = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 1)
      if let origin = bytes.baseAddress { copy.copyMemory(from: origin + start, byteCount: count) }
      append(
        Piece(
          bytes: copy, count: count, arrival: now, departure: pace?.departure(of: count, at: now) ?? now,
          sway: pace?.drawSway() ?? 0, isLost: start == lost), by: pace)
      held += count
      start = end
    }
  }

  /// Notes that no more comes.
  func push(_ end: End, at now: Int64, by pace: LinkPace?) {
    append(
      Piece(
        bytes: nil, count: 0, arrival: now, departure: pace?.departure(of: 0, at: now) ?? now,
        sway: pace?.drawSway() ?? 0, isLost: false, end: end), by: pace)
  }

  private func append(_ piece: Piece, by pace: LinkPace?) {
    var piece = piece
    let travel = pace?.travel(sway: piece.sway, isLost: piece.isLost) ?? 0
    piece.release = max(piece.departure + travel, pieces.last?.release ?? 0)
    pieces.append(piece)
  }

  // MARK: Going

  /// Where the bytes lie that may be handed on now; none where an end comes before them.
  ///
  /// - Returns: how many vectors it has filled, and with how many bytes.
  func due(at now: Int64, into vectors: UnsafeMutableBufferPointer<iovec>) -> (vectors: Int, bytes: Int) {
    var filled = 0
    var total = 0
    var place = first
    while place < pieces.count, filled < vectors.count, pieces[place].release <= now, let bytes = pieces[place].bytes {
      let left = pieces[place].count - pieces[place].sent
      vectors[filled] = iovec(iov_base: bytes + pieces[place].sent, iov_len: left)
      filled += 1
      total += left
      place += 1
    }
    return (filled, total)
  }

  /// Forgets bytes that have been handed on.
  ///
  /// - Returns: when the last of them came.
  func drop(_ count: Int) -> Int64 {
    var rest = count
    var arrival: Int64 = 0
    held -= count
    while rest > 0, first < pieces.count {
      let left = pieces[first].count - pieces[first].sent
      arrival = pieces[first].arrival
      guard rest >= left else {
        pieces[first].sent += rest
        break
      }
      rest -= left
      removeFirst()
    }
    return arrival
  }

  /// The end that has come now, if that is the next; it is forgotten.
  func takeEnd(at now: Int64) -> End? {
    guard !isEmpty, pieces[first].release <= now, let end = pieces[first].end else { return nil }
    removeFirst()
    return end
  }

  /// Forgets all of it.
  func discard() {
    while !isEmpty { removeFirst() }
    held = 0
  }

  private func removeFirst() {
    pieces[first].bytes?.deallocate()
    first += 1
    if first == pieces.count {
      pieces.removeAll(keepingCapacity: first < 64)
      first = 0
    } else if first >= 64, first * 2 > pieces.count {
      pieces.removeFirst(first)
      first = 0
    }
  }

  // MARK: A link that changes, see `LinkPace.retime`

  func places(leavingAfter now: Int64) -> [Place] { (first..<pieces.count).filter { pieces[$0].departure > now } }

  func departure(_ place: Place) -> Int64 { pieces[place].departure }
  func arrival(_ place: Place) -> Int64 { pieces[place].arrival }

  func leave(_ place: Place, at now: Int64, by pace: LinkPace) {
    pieces[place].departure = pace.departure(of: pieces[place].count - pieces[place].sent, at: now)
  }

  func retime(by pace: LinkPace) {
    var previous: Int64 = 0
    for place in first..<pieces.count {
      let travel = pace.travel(sway: pieces[place].sway, isLost: pieces[place].isLost)
      previous = max(previous, pieces[place].departure + travel)
      pieces[place].release = previous
    }
  }
}
