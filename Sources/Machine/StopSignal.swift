import Synchronization

/// Tells whatever runs whether it may go on. Lanes have a signal each, below that of the block that started them.
public final class StopSignal: Sendable {
  /// How urgently something is asked to stop, in rising order.
  public enum Request: Int, Sendable, Comparable {
    case none
    /// Another lane failed: start nothing new, end waits, let running programs finish.
    case windDown
    /// The user interrupted: running programs are told to end.
    case interrupt
    /// The user interrupted again: everything ends at once.
    case kill

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  }

  @usableFromInline let own = Atomic<Int>(0)
  @usableFromInline let parent: StopSignal?
  /// Of a deferred block: it hears of a second interrupt only.
  @usableFromInline let heardFromParent: Request

  /// One that hears what `parent` is asked, as far as that is at least `least`.
  public init(below parent: StopSignal? = nil, hearing least: Request = .windDown) {
    self.parent = parent
    heardFromParent = least
  }

  /// The most urgent request so far, its own or its parent's.
  @inlinable public var request: Request {
    let mine = Request(rawValue: own.load(ordering: .relaxed)) ?? .kill
    guard let parent else { return mine }
    let above = parent.request
    return above >= heardFromParent ? max(mine, above) : mine
  }

  /// Takes back what was asked: what comes next is not concerned. To be called while nothing runs.
  public func withdraw() { own.store(Request.none.rawValue, ordering: .sequentiallyConsistent) }

  /// Asks to stop; what was asked before with more urgency stays.
  public func ask(_ request: Request) {
    var seen = own.load(ordering: .relaxed)
    while seen < request.rawValue {
      let (exchanged, original) = own.compareExchange(
        expected: seen, desired: request.rawValue, ordering: .sequentiallyConsistent)
      if exchanged { return }
      seen = original
    }
  }
}
