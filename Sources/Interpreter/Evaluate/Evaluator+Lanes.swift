import Lexer
import Synchronization

extension Evaluator {
  /// More threads at once than this help nobody.
  static let mostLanes = 256

  /// Runs lanes side by side, each with a copy of the frame, and gives what came of each. If one fails, the others start
  /// nothing new, and none begins any more; every failure is reported.
  ///
  /// - Parameter bind: binds a lane's names in its frame.
  func lanes(
    _ lanes: Lanes, _ frame: Frame, wantsValue: Bool,
    _ bind: @escaping @Sendable (Int, inout Frame) throws(Failure) -> Void
  ) throws(Failure) -> Value {
    guard !lanes.names.isEmpty else { return .list([]) }
    // Each looks for itself, from what was found before they began.
    let searches = frame.place.search.map { search in lanes.names.map { _ in search.inLane() } }
    let body = { @Sendable (index: Int, own: inout Frame) throws(Failure) -> Value in
      own.place.search = searches?[index]
      own.place.mayMeetStepAfter = false
      var point: ResumePoint?
      switch lanes.states?[index] {
      case .done: return .null
      case .left(at: let place?):
        try self.restoreLane(&own, lanes.bodies[index], at: place) { own throws(Failure) in try bind(index, &own) }
        point = place
      case .left, nil: try bind(index, &own)
      }
      return try self.execute(lanes.bodies[index], &own, wantsValue: wantsValue, from: point).value
    }
    if let plan {
      var own = frame
      return try planItems(.lanes, lanes.names, lanes.span, plan, &own) { index, own throws(Failure) in
        own = frame
        return try body(index, &own)
      }
    }
    if min(lanes.names.count, lanes.most ?? .max) > Evaluator.mostLanes {
      emit(.noted("\(lanes.names.count) lanes, of which \(Evaluator.mostLanes) go at once"), frame)
    }
    let results = results(of: lanes, frame, body)
    do throws(Failure) {
      return try collected(results)
    } catch {
      throw error.with(trail: .statement(.lanes(states(results, lanes), over: lanes.over)))
    }
  }

  private func results(
    of lanes: Lanes, _ frame: Frame, _ body: @escaping @Sendable (Int, inout Frame) throws(Failure) -> Value
  ) -> [Result<Value, Failure>?] {
    let group = StopSignal(below: frame.place.stop)
    let work = LaneWork(count: lanes.names.count)
    let runLanes: @Sendable (Bool) -> Void = { isOwnThread in
      while let index = work.takeNext() {
        var own = frame
        own.trace = nil
        own.place.stop = StopSignal(below: group)
        own.place.stackFloor = isOwnThread ? LaneThread.stackFloor : own.place.stackFloor
        let name = lanes.names[index]
        own.place.lane += own.place.lane.isEmpty || name.isEmpty ? name : "/" + name
        let result = self.lane(index, isNamed: !name.isEmpty, &own, body)
        if case .failure(let failure) = result {
          // There may be a million that have not begun: each of them would be told, one by one, that it is too late.
          work.beginNoMore()
          if failure.kind != .stopped { group.ask(.windDown) }
        }
        work.finish(index, result)
      }
    }
    let count = min(lanes.names.count, lanes.most ?? lanes.names.count, Evaluator.mostLanes)
    // This thread would be idle, but its stack may be smaller than a lane's.
    let threads = (0..<count).compactMap { _ in LaneThread.start { runLanes(true) } }
    if threads.isEmpty { runLanes(false) }
    for thread in threads { thread.join() }
    return work.all
  }

  /// How far each lane has got.
  private func states(_ results: [Result<Value, Failure>?], _ lanes: Lanes) -> [ResumePoint.LaneState] {
    results.enumerated().map { index, result in
      switch result {
      case .success: .done
      case .failure(let failure): failure.point.map { .left(at: $0) } ?? lanes.states?[index] ?? .left(at: nil)
      case nil: lanes.states?[index] ?? .left(at: nil)
      }
    }
  }

  private func lane(
    _ index: Int, isNamed: Bool, _ frame: inout Frame, _ body: (Int, inout Frame) throws(Failure) -> Value
  ) -> Result<Value, Failure> {
    if isNamed { emit(.laneStarted, frame) }
    do throws(Failure) {
      // Lanes of which not all run at once may come to their turn after another has failed.
      try checkGoingOn(frame.place.unit.body.span, frame)
      let value = try body(index, &frame)
      if isNamed { emit(.laneEnded(failed: false), frame) }
      return .success(value)
    } catch {
      if isNamed { emit(.laneEnded(failed: error.kind != .skipped), frame) }
      return .failure(error.canBeHandled ? error.naming(lane: frame.place.lane) : error)
    }
  }

  private func collected(_ results: [Result<Value, Failure>?]) throws(Failure) -> Value {
    var values: [Value] = []
    var failures: [Failure] = []
    for result in results {
      switch result {
      case .success(let value): values.append(value)
      case .failure(let failure): failures.append(failure)
      case nil: values.append(.null)
      }
    }
    guard !failures.isEmpty else { return .list(values) }
    // What really failed is reported; lanes that were only stopped say nothing. An interrupt outweighs what it broke.
    let first =
      failures.firstIndex { $0.kind == .interrupted } ?? failures.firstIndex(where: \.canBeHandled)
      ?? failures.firstIndex { $0.kind == .skipped } ?? 0
    let others = failures.indices.filter { $0 != first }.flatMap { index -> [Failure] in
      failures[index].canBeHandled ? [failures[index]] : failures[index].others
    }
    throw failures[first].adding(others)
  }
}

/// Lanes to run side by side.
struct Lanes: Sendable {
  let names: [String]
  /// What each of them runs.
  let bodies: [Block]
  /// How many at once; nil for all.
  let most: Int?
  let span: Span
  /// The elements that they are over, if they are those of a loop.
  let over: StoredValue?
  /// How far an earlier run has got in each.
  let states: [ResumePoint.LaneState]?
}

/// What the lanes of one group share.
private final class LaneWork: Sendable {
  private struct State {
    var next = 0
    var mayBegin = true
    var results: [Result<Value, Failure>?]
  }

  private let state: Mutex<State>

  init(count: Int) { state = Mutex(State(results: Array(repeating: nil, count: count))) }

  /// Takes note that the lanes that nobody has begun are not run.
  func beginNoMore() { state.withLock { $0.mayBegin = false } }

  /// The next lane that nobody has begun; nil if there is none.
  func takeNext() -> Int? {
    state.withLock { state in
      guard state.mayBegin, state.next < state.results.count else { return nil }
      state.next += 1
      return state.next - 1
    }
  }

  func finish(_ index: Int, _ result: Result<Value, Failure>) { state.withLock { $0.results[index] = result } }

  var all: [Result<Value, Failure>?] { state.withLock { $0.results } }
}
