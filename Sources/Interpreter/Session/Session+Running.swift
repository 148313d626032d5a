import Lexer

extension Session {
  func run(_ file: SourceFile, stop: StopSignal) -> Answer {
    let input: SessionInput
    let clusters: [Cluster]
    do throws(ProgramErrors) {
      input = try checked(file).get()
      clusters = try self.clusters(for: input)
    } catch {
      return Answer(.refused(error.diagnostics))
    }
    let wrong = input.program.missing(on: host).map { [$0] } ?? input.program.strangers(to: clusters, host)
    guard wrong.isEmpty else {
      takeBack(input.unit)
      return Answer(.refused(wrong))
    }
    // Evaluation goes as deep as the input is nested; the main thread's stack may be small.
    return LaneThread.run { self.execute(input, on: clusters, stop: stop) }
  }

  private func execute(_ input: SessionInput, on clusters: [Cluster], stop: StopSignal) -> Answer {
    let before = scope
    units = input.units
    names = input.names
    scope = input.after
    var frame = startingFrame(for: input, on: clusters, stop: stop)
    let evaluator = evaluator(clusters)
    // In the session's frame as soon as the statement has ended: one that fails must not take back what is bound.
    defer { libraries = evaluator.libraryFrames }
    var value: Value?
    var done = 0
    do throws(Failure) {
      evaluator.bindGivenNames(of: input.unit, in: &frame)
      for parameter in input.unit.parameters { try evaluator.bind(parameter, [:], &frame) }
      good.addHead(of: input.unit)
      for statement in input.unit.body.statements {
        value = try execute(statement, of: input.unit, evaluator, &frame)
        good.add(statement, of: input.unit, in: input.after)
        done += 1
      }
      good.addTasks(of: input.unit)
      self.frame = frame
      return Answer(.done, value: value, warnings: dropTasks(after: input, before))
    } catch {
      self.frame = frame
      scope = partialScope(before, input, done: done)
      good.addTasks(of: input.unit)
      let warnings = dropTasks(after: nil, before)
      switch error.kind {
      case .skipped: return Answer(.skipped(reason: error.title.masked), warnings: warnings)
      case .interrupted, .stopped: return Answer(.interrupted(error), warnings: warnings)
      default: return Answer(.failed(error), warnings: warnings)
      }
    }
  }

  /// Runs one statement; gives its value if it is an expression that is to be shown.
  private func execute(
    _ statement: Statement, of unit: Unit, _ evaluator: Evaluator, _ frame: inout Frame
  ) throws(Failure) -> Value? {
    switch statement {
    case .defer(let block, _):
      deferred.append((unit, block))
      return nil
    case .expression(let expression):
      if case .command = expression.form {
        _ = try evaluator.execute(statement, &frame)
        return nil
      }
      let value = try evaluator.execute(statement, &frame, wantsValue: true).value
      if case .null = value, case .call = expression.form { return nil }
      return value
    default:
      _ = try evaluator.execute(statement, &frame)
      return nil
    }
  }

  /// The session's frame, with room for what an input binds.
  func startingFrame(for input: SessionInput, on clusters: [Cluster], stop: StopSignal) -> Frame {
    let place = Place(unit: input.unit, cluster: clusters.first, stop: stop)
    var frame = frame ?? Frame(size: 0, place: place)
    frame.place = place
    frame.place.stackFloor = LaneThread.stackFloor
    let room = input.unit.frameSize - frame.locals.count
    if room > 0 { frame.locals += Array(repeating: .null, count: room) }
    return frame
  }

  private func evaluator(_ clusters: [Cluster]) -> Evaluator {
    Evaluator(
      program: Program(units: units, vocabulary: vocabulary, names: names), host: host, clusters: clusters,
      secrets: secrets, libraries: libraries)
  }

  // MARK: After a failure

  /// What is bound once an input has ended before its end: its tasks, and the names of the statements that are done.
  private func partialScope(_ before: SessionScope, _ input: SessionInput, done: Int) -> SessionScope {
    var partial = input.after
    partial.scope = before.scope
    partial.scope.grow(to: input.names.count)
    partial.scope.frameSize = input.after.scope.frameSize
    func adopt(_ symbol: Symbol) { partial.scope.adopt(symbol, from: input.after.scope) }
    for (name, _) in input.unit.given { if let symbol = input.names.find(name) { adopt(symbol) } }
    for parameter in input.unit.parameters { adopt(parameter.variable.symbol) }
    for (place, statement) in input.unit.body.statements.enumerated() {
      switch statement {
      case .bind(let bind) where place < done: adopt(bind.variable.symbol)
      case .during(let node) where place < done: if let variable = node.variable { adopt(variable.symbol) }
      case .use(let use) where place < done: for symbol in use.boundSymbols { adopt(symbol) }
      case .use(let use):
        for task in use.unit?.tasks ?? [] where partial.tasks[Int(task.symbol.index)] === task {
          let place = Int(task.symbol.index)
          partial.tasks[place] = place < before.tasks.count ? before.tasks[place] : nil
        }
      default: break
      }
    }
    return partial
  }

  /// Takes away the tasks that an input has left without what they need, and says so.
  ///
  /// - Parameter input: the one that was run; nil if it failed, and not all of its names are bound.
  private func dropTasks(after input: SessionInput?, _ before: SessionScope) -> [Diagnostic] {
    if let input, before.kept(beside: input.unit).isEmpty { return [] }
    guard !scope.own.isEmpty else { return [] }
    let (fitting, gone) = Resolver.tasksThatNoLongerFit(scope, vocabulary: vocabulary, names: names)
    scope = fitting
    return gone.flatMap { task, problems in
      good.remove(task)
      return problems.prefix(1).map { problem in
        var warning = problem
        warning.severity = .warning
        return warning.adding("so", "the task `\(task.name)` is no more: define it anew")
      }
    }
  }

  // MARK: The end

  /// Runs what the session has deferred, last first.
  ///
  /// - Returns: what went wrong.
  public func end(stop: StopSignal) -> [Failure] {
    let due = deferred
    deferred = []
    guard !due.isEmpty else { return [] }
    return LaneThread.run { self.runDeferred(due, stop: stop) }
  }

  private func runDeferred(_ due: [(unit: Unit, block: Block)], stop: StopSignal) -> [Failure] {
    guard var frame else { return [] }
    let clusters = clusters ?? []
    let evaluator = evaluator(clusters)
    var failures: [Failure] = []
    for (unit, block) in due.reversed() {
      frame.place = Place(unit: unit, cluster: clusters.first, stop: stop)
      frame.place.stackFloor = LaneThread.stackFloor
      failures += evaluator.runDeferred([block], &frame)
    }
    return failures
  }

  /// How many blocks are deferred.
  public var deferredCount: Int { deferred.count }
}

extension Use {
  /// The names that it brings in.
  fileprivate var boundSymbols: [Symbol] {
    (unit?.body.statements ?? []).compactMap { if case .bind(let bind) = $0 { bind.variable.symbol } else { nil } }
  }
}
