import Lexer

/// Which task calls which, and which names of the file they read: what is needed to find recursion, and calls that come
/// before a name that the task needs is bound.
struct TaskGraph {
  struct Problem {
    let problem: CheckProblem
    let span: Span
  }

  private struct Node {
    let task: Task
    var calls: [(task: Task, span: Span)] = []
    var reads: [(slot: Int, name: String)] = []
  }

  private struct OuterCall {
    let task: Task
    let span: Span
    /// The slots below this one are bound where the call stands.
    let boundSlots: Int
  }

  private var nodes: [ObjectIdentifier: Node] = [:]
  private var outerCalls: [OuterCall] = []

  /// Every chain of calls takes stack.
  static let deepestCalls = 40

  mutating func addRead(of slot: Int, named name: String, by task: Task) {
    nodes[ObjectIdentifier(task), default: Node(task: task)].reads.append((slot, name))
  }

  /// Notes a call. A library's task has its own graph, checked when the library was resolved.
  mutating func addCall(to task: Task, from caller: Task?, at span: Span, boundSlots: Int, isOwn: Bool) {
    guard isOwn else { return }
    if let caller {
      nodes[ObjectIdentifier(caller), default: Node(task: caller)].calls.append((task, span))
    } else {
      outerCalls.append(OuterCall(task: task, span: span, boundSlots: boundSlots))
    }
  }

  /// What is wrong: each loop once, and each call that comes too early.
  func problems() -> [Problem] {
    var problems: [Problem] = []
    var depths: [ObjectIdentifier: Int] = [:]
    for node in nodes.values.sorted(by: { $0.task.nameSpan.start < $1.task.nameSpan.start }) {
      // One chain that is too long is made of many.
      if problems.contains(where: { if case .callsTooDeep = $0.problem { true } else { false } }) { break }
      var path: [Task] = []
      _ = depth(of: node.task, &path, &depths, &problems)
    }
    guard problems.isEmpty else { return problems }
    for call in outerCalls {
      var seen: Set<ObjectIdentifier> = []
      if let late = lateRead(of: call.task, boundSlots: call.boundSlots, &seen) {
        problems.append(Problem(problem: .boundTooLate(task: call.task.name, name: late), span: call.span))
      }
    }
    return problems
  }

  private func depth(
    of task: Task, _ path: inout [Task], _ depths: inout [ObjectIdentifier: Int], _ problems: inout [Problem]
  ) -> Int {
    let id = ObjectIdentifier(task)
    if let known = depths[id] { return known }
    if let start = path.firstIndex(where: { $0 === task }) {
      let loop = path[start...].map(\.name)
      problems.append(Problem(problem: .recursion(loop), span: task.nameSpan))
      depths[id] = 0
      return 0
    }
    if path.count >= TaskGraph.deepestCalls {
      problems.append(Problem(problem: .callsTooDeep(limit: TaskGraph.deepestCalls), span: task.nameSpan))
      depths[id] = 0
      return 0
    }
    path.append(task)
    var deepest = 0
    for call in nodes[id]?.calls ?? [] {
      deepest = max(deepest, depth(of: call.task, &path, &depths, &problems) + 1)
    }
    path.removeLast()
    if deepest > TaskGraph.deepestCalls, depths[id] == nil, path.isEmpty {
      problems.append(Problem(problem: .callsTooDeep(limit: TaskGraph.deepestCalls), span: task.nameSpan))
      deepest = 0
    }
    if depths[id] == nil { depths[id] = deepest }
    return deepest
  }

  private func lateRead(of task: Task, boundSlots: Int, _ seen: inout Set<ObjectIdentifier>) -> String? {
    guard seen.insert(ObjectIdentifier(task)).inserted, let node = nodes[ObjectIdentifier(task)] else { return nil }
    if let late = node.reads.first(where: { $0.slot >= boundSlots }) { return late.name }
    for call in node.calls {
      if let late = lateRead(of: call.task, boundSlots: boundSlots, &seen) { return late }
    }
    return nil
  }
}
