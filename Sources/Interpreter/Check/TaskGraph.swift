import Lexer

/// Which task of a file calls which, and which names of the file they read: what is needed to find recursion, and calls
/// that come before a name that the task needs is bound.
struct TaskGraph {
  struct Problem {
    let problem: CheckProblem
    let span: Span
  }

  private struct Node {
    /// Its stretches of all calls and of all reads.
    var calls = 0..<0
    var reads = 0..<0
    /// How many calls deep it goes; nil until that is known.
    var depth: Int?
  }

  private struct OuterCall {
    let task: Task
    let span: Span
    /// The slots below this one are bound where the call stands.
    let boundSlots: Int
  }

  private let tasks: [Task]
  /// By the place of the task in the file.
  private var nodes: [Node]
  /// What the tasks call and read. A task is resolved as a whole, so that its own lie together.
  private var calls: [Task] = []
  private var reads: [(slot: Int, name: Symbol)] = []
  private var outerCalls: [OuterCall] = []
  private var found: [Problem] = []

  /// Every chain of calls takes stack.
  static let deepestCalls = 40

  init(_ tasks: [Task]) {
    self.tasks = tasks
    nodes = Array(repeating: Node(), count: tasks.count)
  }

  /// Whether the task is one of those that the graph is about.
  func holds(_ task: Task) -> Bool { task.index < tasks.count && tasks[task.index] === task }

  mutating func addRead(of slot: Int, named name: Symbol, by task: Task) {
    reads.append((slot, name))
    nodes[task.index].reads.extend(to: reads.count)
  }

  /// Notes a call of one of the file's own tasks. A library's have a graph of their own, checked with the library.
  mutating func addCall(to task: Task, from caller: Task?, at span: Span, boundSlots: Int) {
    if let caller {
      calls.append(task)
      nodes[caller.index].calls.extend(to: calls.count)
    } else {
      outerCalls.append(OuterCall(task: task, span: span, boundSlots: boundSlots))
    }
  }

  /// What is wrong: each loop once, and each call that comes too early.
  mutating func problems(_ names: NameTable) -> [Problem] {
    var path: [Task] = []
    for task in tasks {
      _ = depth(of: task, &path)
      // One chain that is too long is made of many.
      if case .callsTooDeep = found.last?.problem { break }
    }
    guard found.isEmpty else { return found }
    for call in outerCalls {
      var seen: Set<Int> = []
      if let late = lateRead(of: call.task, boundSlots: call.boundSlots, &seen) {
        found.append(Problem(problem: .boundTooLate(task: call.task.name, name: names[late]), span: call.span))
      }
    }
    return found
  }

  private mutating func depth(of task: Task, _ path: inout [Task]) -> Int {
    if let known = nodes[task.index].depth { return known }
    if nodes[task.index].calls.isEmpty { return 0 }
    if let start = path.firstIndex(where: { $0 === task }) {
      return stop(at: task, .recursion(path[start...].map(\.name)))
    }
    if path.count >= TaskGraph.deepestCalls { return stop(at: task, .callsTooDeep(limit: TaskGraph.deepestCalls)) }
    path.append(task)
    var deepest = 0
    for called in calls[nodes[task.index].calls] { deepest = max(deepest, depth(of: called, &path) + 1) }
    path.removeLast()
    if let known = nodes[task.index].depth { return known }
    if deepest > TaskGraph.deepestCalls { return stop(at: task, .callsTooDeep(limit: TaskGraph.deepestCalls)) }
    nodes[task.index].depth = deepest
    return deepest
  }

  private mutating func stop(at task: Task, _ problem: CheckProblem) -> Int {
    found.append(Problem(problem: problem, span: task.nameSpan))
    nodes[task.index].depth = 0
    return 0
  }

  private func lateRead(of task: Task, boundSlots: Int, _ seen: inout Set<Int>) -> Symbol? {
    guard seen.insert(task.index).inserted else { return nil }
    let node = nodes[task.index]
    if let late = reads[node.reads].first(where: { $0.slot >= boundSlots }) { return late.name }
    for called in calls[node.calls] {
      if let late = lateRead(of: called, boundSlots: boundSlots, &seen) { return late }
    }
    return nil
  }
}

extension Range<Int> {
  /// Takes in all up to a place; one that is empty begins with the last before it.
  fileprivate mutating func extend(to end: Int) { self = (isEmpty ? end - 1 : lowerBound)..<end }
}
