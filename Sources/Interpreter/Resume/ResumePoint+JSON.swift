extension ResumePoint {
  /// The point as JSON, without secrets.
  func packed(_ archive: inout ValueArchive) throws(Resumption.Obstacle) -> Value {
    var map = ValueMap()
    map["statement"] = .int(Int64(statement))
    if let locals { map["locals"] = try locals.packed(&archive) }
    if let entry { map["entry"] = try entry.packed(&archive) }
    switch inner {
    case .again: break
    case .step(let point): map["step"] = try point.packed(&archive)
    case .branch(let index, let point):
      map["index"] = .int(Int64(index))
      map["branch"] = try point.packed(&archive)
    case .pass(let index, let source, let point):
      map["index"] = .int(Int64(index))
      map["over"] = try source.packed(&archive)
      map["pass"] = try point.packed(&archive)
    case .lanes(let states, let source):
      if let source { map["over"] = try source.packed(&archive) }
      var lanes: [Value] = []
      for state in states { lanes.append(try state.packed(&archive)) }
      map["lanes"] = .list(lanes)
    case .recipe(let point): map["recipe"] = try point.packed(&archive)
    case .task(let point): map["task"] = try point.packed(&archive)
    }
    return .map(map)
  }

  /// Nil: the file is damaged.
  convenience init?(packed: Value, clusters: [Cluster]) {
    guard case .map(let map) = packed, case .int(let statement)? = map["statement"],
      let inner = Inner(map, clusters)
    else { return nil }
    let locals = map["locals"]?.elements.map { StoredLocals(packed: $0, clusters: clusters) }
    let entry = map["entry"]?.elements.map { StoredLocals(packed: $0, clusters: clusters) }
    self.init(statement: Int(statement), inner: inner, locals: locals, entry: entry)
  }
}

extension ResumePoint.Inner {
  fileprivate init?(_ map: ValueMap, _ clusters: [Cluster]) {
    func point(_ key: String) -> ResumePoint? {
      map[key].flatMap { ResumePoint(packed: $0, clusters: clusters) }
    }
    func index() -> Int? { if case .int(let index)? = map["index"] { Int(index) } else { nil } }
    let over = map["over"].map { StoredValue(value: ValueArchive.unpacked($0, clusters: clusters)) }
    if map["step"] != nil {
      guard let point = point("step") else { return nil }
      self = .step(point)
    } else if map["branch"] != nil {
      guard let point = point("branch"), let index = index() else { return nil }
      self = .branch(index, point)
    } else if map["pass"] != nil {
      guard let point = point("pass"), let index = index(), let over else { return nil }
      self = .pass(index, of: over, point)
    } else if map["recipe"] != nil {
      guard let point = point("recipe") else { return nil }
      self = .recipe(point)
    } else if map["task"] != nil {
      guard let point = point("task") else { return nil }
      self = .task(point)
    } else if let lanes = map["lanes"]?.elements {
      let states = lanes.compactMap { ResumePoint.LaneState(packed: $0, clusters: clusters) }
      guard states.count == lanes.count else { return nil }
      self = .lanes(states, over: over)
    } else {
      self = .again
    }
  }
}

extension ResumePoint.LaneState {
  fileprivate func packed(_ archive: inout ValueArchive) throws(Resumption.Obstacle) -> Value {
    try archive.take(8)
    switch self {
    case .done: return "done"
    case .left(at: nil): return "start"
    case .left(at: let point?): return try point.packed(&archive)
    }
  }

  fileprivate init?(packed: Value, clusters: [Cluster]) {
    switch packed {
    case .string("done"): self = .done
    case .string("start"): self = .left(at: nil)
    default:
      guard let point = ResumePoint(packed: packed, clusters: clusters) else { return nil }
      self = .left(at: point)
    }
  }
}

extension StoredValue {
  fileprivate func packed(_ archive: inout ValueArchive) throws(Resumption.Obstacle) -> Value {
    guard let value else { return ValueArchive.heldBack }
    return try archive.packed(value) ?? ValueArchive.heldBack
  }
}

extension StoredLocals {
  func packed(_ archive: inout ValueArchive) throws(Resumption.Obstacle) -> Value {
    var packed: [Value] = []
    for value in values { packed.append(try archive.packed(value) ?? ValueArchive.heldBack) }
    return .list(packed)
  }

  init(packed: [Value], clusters: [Cluster]) {
    let values = packed.map { ValueArchive.unpacked($0, clusters: clusters) }
    self.init(values.map { $0 ?? .null }, heldBack: Set(values.indices.filter { values[$0] == nil }))
  }
}
