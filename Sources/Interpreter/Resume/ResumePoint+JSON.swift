extension ResumePoint {
  /// The point as JSON, without secrets.
  func packed(hiding secrets: SecretRegistry) -> Value {
    var map = ValueMap()
    map["statement"] = .int(Int64(statement))
    if let locals { map["locals"] = locals.packed(hiding: secrets) }
    if let entry { map["entry"] = entry.packed(hiding: secrets) }
    switch inner {
    case .again: break
    case .step(let point): map["step"] = point.packed(hiding: secrets)
    case .branch(let index, let point):
      map["index"] = .int(Int64(index))
      map["branch"] = point.packed(hiding: secrets)
    case .pass(let index, let source, let point):
      map["index"] = .int(Int64(index))
      map["over"] = source.packed(hiding: secrets)
      map["pass"] = point.packed(hiding: secrets)
    case .lanes(let states, let source):
      if let source { map["over"] = source.packed(hiding: secrets) }
      map["lanes"] = .list(states.map { $0.packed(hiding: secrets) })
    case .recipe(let point): map["recipe"] = point.packed(hiding: secrets)
    case .task(let point): map["task"] = point.packed(hiding: secrets)
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
  fileprivate func packed(hiding secrets: SecretRegistry) -> Value {
    switch self {
    case .done: "done"
    case .left(at: nil): "start"
    case .left(at: let point?): point.packed(hiding: secrets)
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
  fileprivate func packed(hiding secrets: SecretRegistry) -> Value {
    value.flatMap { ValueArchive.packed($0, hiding: secrets) } ?? ValueArchive.heldBack
  }
}

extension StoredLocals {
  func packed(hiding secrets: SecretRegistry) -> Value {
    .list(values.map { ValueArchive.packed($0, hiding: secrets) ?? ValueArchive.heldBack })
  }

  init(packed: [Value], clusters: [Cluster]) {
    let values = packed.map { ValueArchive.unpacked($0, clusters: clusters) }
    self.init(values.map { $0 ?? .null }, heldBack: Set(values.indices.filter { values[$0] == nil }))
  }
}
