import Testing

@testable import SandboxLocal
@testable import SandboxSystem

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

private let millisecond: Int64 = 1_000_000
private let second: Int64 = 1_000_000_000

extension LinkShape {
  init(
    delay: Int64 = 0, jitter: Int64 = 0, rate: Int64? = nil, loss: Double = 0, cut: Cut? = nil
  ) {
    self.init()
    self.delay = delay
    self.jitter = jitter
    self.rate = rate
    self.loss = loss
    self.cut = cut
  }
}

/// A line, its link, and a clock that only the test moves.
private final class Cable {
  let pace = LinkPace(seed: 7)
  let line = DelayLine()
  var now: Int64 = 1000 * second
  private(set) var came: [(byte: UInt8, after: Int64)] = []
  private(set) var end: DelayLine.End?
  private let start: Int64 = 1000 * second
  private let vectors = UnsafeMutableBufferPointer<iovec>.allocate(capacity: 4)

  init(_ shape: LinkShape, reversed: LinkShape? = nil) {
    pace.set(shape, reversed: reversed ?? shape)
  }

  deinit { vectors.deallocate() }

  func send(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { line.push($0, at: now, by: pace) }
  }

  func change(_ shape: LinkShape) {
    pace.set(shape, reversed: shape)
    pace.retime([line], at: now)
  }

  /// Lets time pass, and takes what comes meanwhile, each byte when it comes.
  func pass(_ time: Int64) {
    let until = now + time
    while let next = line.nextRelease, next <= until {
      now = max(now, next)
      let due = line.due(at: now, into: vectors)
      for vector in vectors[..<due.vectors] {
        let bytes = UnsafeRawBufferPointer(start: vector.iov_base, count: vector.iov_len)
        came += bytes.map { ($0, now - start) }
      }
      if due.bytes > 0 { _ = line.drop(due.bytes) } else { end = line.takeEnd(at: now) }
    }
    now = until
  }

  var bytes: [UInt8] { came.map(\.byte) }
}

@Suite struct DelayLineTests {
  @Test func aPlainLinkHoldsNothing() {
    let cable = Cable(LinkShape())
    cable.send([1, 2, 3])
    #expect(cable.line.nextRelease == cable.now)
    cable.pass(0)
    #expect(cable.bytes == [1, 2, 3])
    #expect(cable.line.isEmpty && cable.line.held == 0 && cable.line.cost == 0)
  }

  @Test func eachByteIsHeldFromWhenItCame() {
    let cable = Cable(LinkShape(delay: 40 * millisecond))
    cable.send([1])
    cable.pass(10 * millisecond)
    cable.send([2])
    cable.pass(100 * millisecond)
    #expect(cable.bytes == [1, 2])
    #expect(cable.came.map(\.after) == [40 * millisecond, 50 * millisecond])
  }

  @Test func partOfAPieceMayBeTaken() {
    let cable = Cable(LinkShape())
    cable.send([1, 2, 3, 4])
    let arrival = cable.line.drop(1)
    #expect(arrival == cable.now)
    #expect(cable.line.held == 3)
    cable.pass(0)
    #expect(cable.bytes == [2, 3, 4])
  }

  @Test func endsComeBehindTheLastByte() {
    for end in [DelayLine.End.finish, .reset] {
      let cable = Cable(LinkShape(delay: 5 * millisecond))
      cable.send([1])
      cable.line.push(end, at: cable.now, by: cable.pace)
      cable.pass(4 * millisecond)
      #expect(cable.end == nil)
      cable.pass(millisecond)
      #expect(cable.bytes == [1])
      #expect(cable.end == end)
    }
  }

  @Test func jitterStaysWithinItsBoundsAndKeepsTheOrder() {
    let cable = Cable(LinkShape(delay: 20 * millisecond, jitter: 5 * millisecond))
    for number in 0..<200 {
      cable.send([UInt8(number)])
      cable.pass(20 * millisecond)
    }
    cable.pass(second)
    #expect(cable.bytes == (0..<200).map { UInt8($0) })
    let held = cable.came.enumerated().map { $1.after - Int64($0) * 20 * millisecond }
    #expect(held.allSatisfy { $0 >= 15 * millisecond && $0 <= 25 * millisecond })
    #expect((held.max() ?? 0) - (held.min() ?? 0) > 5 * millisecond)
  }

  @Test func aRateSpreadsBytesOverTime() {
    let cable = Cable(LinkShape(rate: 1_000_000))
    cable.send([UInt8](repeating: 9, count: 100_000))
    cable.pass(second)
    #expect(cable.bytes.count == 100_000)
    // At one byte a microsecond the last comes after 100 ms, and half of them after 50; no burst is longer than 5 ms.
    #expect(cable.came.last?.after == 100 * millisecond)
    let half = cable.came.count { $0.after <= 50 * millisecond }
    #expect(half >= 45_000 && half <= 50_000)
  }

  @Test func aRateIsSharedByAllConnections() {
    let cable = Cable(LinkShape(rate: 1_000_000))
    let other = DelayLine()
    cable.send([UInt8](repeating: 1, count: 10_000))
    [UInt8](repeating: 2, count: 1000).withUnsafeBytes { other.push($0, at: cable.now, by: cable.pace) }
    #expect(other.nextRelease == cable.now + 11 * millisecond)
    #expect(cable.pace.backlog(at: cable.now) == 11 * millisecond)
    #expect(cable.pace.backlog(at: cable.now + second) == 0)
  }

  @Test func whatIsLostHoldsUpAllBehindIt() {
    let shape = LinkShape(delay: 150 * millisecond, loss: 0.01)
    let cable = Cable(shape)
    for _ in 0..<1000 {
      cable.send([UInt8](repeating: 1, count: 1000))
      cable.pass(millisecond)
    }
    cable.pass(10 * second)
    #expect(cable.bytes.count == 1_000_000)
    let held = stride(from: 0, to: 1_000_000, by: 1000).map {
      cable.came[$0].after - Int64($0 / 1000) * millisecond
    }
    // Sent again after a round trip: the first that was lost comes 300 ms late, and what came behind it waits for it.
    #expect(held.max() == 450 * millisecond)
    #expect(held.min() == 150 * millisecond)
    let late = held.firstIndex { $0 == 450 * millisecond } ?? 0
    #expect(held[late + 1] >= 449 * millisecond)
    #expect(held.count { $0 == 450 * millisecond } < 50)
  }

  @Test func onAShortLinkALossCostsTwoHundredMilliseconds() {
    let cable = Cable(LinkShape(delay: millisecond, loss: 0.999))
    cable.send([1])
    cable.pass(second)
    #expect(cable.came.last?.after == 201 * millisecond)
  }

  @Test func lossesAreAsFrequentAsSet() {
    let pace = LinkPace(seed: 1)
    pace.set(LinkShape(loss: 0.02), reversed: LinkShape())
    let lost = (0..<100_000).count { _ in pace.bytesBeforeLoss(in: LinkPace.segment) != nil }
    #expect(lost > 1800 && lost < 2200)
  }

  @Test func aShorterDelayHoldsForWhatIsOnItsWay() {
    let cable = Cable(LinkShape(delay: 10 * second))
    cable.send([1])
    cable.pass(second)
    cable.send([2])
    cable.change(LinkShape(delay: 1500 * millisecond))
    cable.pass(10 * second)
    #expect(cable.bytes == [1, 2])
    #expect(cable.came.map(\.after) == [1500 * millisecond, 2500 * millisecond])
    cable.send([3])
    cable.change(LinkShape())
    cable.pass(0)
    #expect(cable.bytes == [1, 2, 3])
  }

  @Test func aLongerDelayKeepsTheOrder() {
    let cable = Cable(LinkShape(delay: 10 * millisecond))
    cable.send([1])
    cable.change(LinkShape(delay: 50 * millisecond))
    cable.send([2])
    cable.change(LinkShape(delay: 20 * millisecond, jitter: 20 * millisecond))
    cable.send([3])
    cable.pass(second)
    #expect(cable.bytes == [1, 2, 3])
  }

  @Test func aHealedLinkForgetsItsLosses() {
    let cable = Cable(LinkShape(loss: 0.999))
    cable.send([1])
    cable.pass(10 * millisecond)
    #expect(cable.bytes.isEmpty)
    cable.change(LinkShape())
    cable.pass(0)
    #expect(cable.bytes == [1])
  }

  @Test func aNewRateHoldsForWhatHasNotLeft() {
    let cable = Cable(LinkShape(rate: 1_000_000))
    cable.send([UInt8](repeating: 1, count: 200_000))
    cable.pass(100 * millisecond)
    #expect(cable.bytes.count == 100_000)
    cable.change(LinkShape(rate: 10_000_000))
    cable.pass(second)
    #expect(cable.bytes.count == 200_000)
    #expect(cable.came.last?.after == 110 * millisecond)
  }

  @Test func whatHasNotLeftBeforeACutLeavesAfterIt() {
    let cable = Cable(LinkShape(rate: 1_000_000))
    cable.send([UInt8](repeating: 1, count: 200_000))
    cable.pass(100 * millisecond)
    cable.change(LinkShape(rate: 1_000_000, cut: .silent))
    cable.now += 10 * second
    cable.change(LinkShape(rate: 1_000_000))
    cable.pass(second)
    #expect(cable.bytes.count == 200_000)
    #expect(cable.came.last?.after == 10_200 * millisecond)
  }

  @Test func connectionsKeepTheirPlacesWhenTheRateChanges() {
    let cable = Cable(LinkShape(rate: 1_000_000))
    let other = DelayLine()
    for _ in 0..<10 {
      cable.send([UInt8](repeating: 1, count: 5000))
      [UInt8](repeating: 2, count: 5000).withUnsafeBytes { other.push($0, at: cable.now, by: cable.pace) }
    }
    cable.pace.set(LinkShape(rate: 500_000), reversed: LinkShape())
    cable.pace.retime([cable.line, other], at: cable.now)
    #expect(cable.line.nextRelease == cable.now + 10 * millisecond)
    #expect(other.nextRelease == cable.now + 20 * millisecond)
    cable.pass(second)
    #expect(cable.came.last?.after == 190 * millisecond)
  }

  @Test func memoryIsBoundedByTheShape() {
    func capacity(_ shape: LinkShape) -> Int {
      let pace = LinkPace(seed: 1)
      pace.set(shape, reversed: shape)
      return pace.capacity
    }
    #expect(capacity(LinkShape()) == 0)
    #expect(capacity(LinkShape(delay: 40 * millisecond)) == 4 << 20)
    #expect(capacity(LinkShape(rate: 1_000_000)) == 100_000)
    #expect(capacity(LinkShape(delay: 100 * millisecond, rate: 1_000_000)) == 200_000)
    #expect(capacity(LinkShape(delay: second, rate: 1_000_000_000)) == 4 << 20)
    #expect(capacity(LinkShape(rate: 1)) == 64 << 10)
  }

  @Test func senselessNumbersDoNoHarm() {
    let shape = LinkShape(delay: .max, jitter: .max, rate: -1, loss: 1)
    let cable = Cable(shape)
    cable.send([1, 2, 3])
    cable.change(LinkShape(delay: .min, jitter: .min, rate: 0, loss: 2))
    cable.change(LinkShape())
    cable.pass(0)
    #expect(cable.bytes == [1, 2, 3])
  }

  @Test func manySmallPiecesCostMoreThanTheirBytes() {
    let cable = Cable(LinkShape(delay: second))
    for _ in 0..<1000 { cable.send([1]) }
    #expect(cable.line.held == 1000)
    #expect(cable.line.cost > 50_000)
    cable.line.discard()
    #expect(cable.line.isEmpty && cable.line.cost == 0)
  }
}
