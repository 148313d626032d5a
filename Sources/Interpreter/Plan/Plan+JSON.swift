extension Plan {
  /// The plan as data: a list of its parts, each a map with its `kind`, and `children` where it has any. Secrets are
  /// masked.
  public var value: Value { .list(nodes.map(\.value)) }
}

extension PlanNode {
  fileprivate var value: Value {
    var map = ValueMap()
    map["kind"] = .string(kindName)
    switch kind {
    case .command(let command, let cluster, let limit):
      map["words"] = .list(command.words.map { .string($0.masked) })
      if let cluster { map["cluster"] = .string(cluster.name) }
      if let document = command.document { map["document"] = document.masked }
      if let limit { map["within"] = .string(limit) }
    case .recipe(let text), .step(let text), .item(let text): map["name"] = .string(text)
    case .maybe(let text), .assertion(let text), .ending(let text): map["text"] = .string(text)
    case .wait(let text, let limit):
      map["text"] = .string(text)
      map["within"] = .string(limit)
    case .lanes, .passes, .meanwhile, .deferred: break
    }
    if let location {
      map["recipe"] = .string(location.file.path)
      map["line"] = .int(Int64(location.file.position(of: Int(location.span.start)).line))
    }
    if !children.isEmpty { map["children"] = .list(children.map(\.value)) }
    return .map(map)
  }

  private var kindName: String {
    switch kind {
    case .command: "command"
    case .recipe: "recipe"
    case .step: "step"
    case .lanes: "parallel"
    case .passes: "loop"
    case .item: "item"
    case .maybe: "maybe"
    case .wait: "wait"
    case .meanwhile: "meanwhile"
    case .deferred: "defer"
    case .assertion: "assert"
    case .ending: "end"
    }
  }
}

extension Value {
  /// The same value with every secret in it masked for good.
  fileprivate var masked: Value {
    switch self {
    case .secret(let text), .later(let text): .string(text.masked)
    case .list(let elements): .list(elements.map(\.masked))
    case .map(let map): .map(ValueMap(map.map { ($0.0, $0.1.masked) }))
    case .record(let record): .string(record.text.masked)
    default: self
    }
  }
}
