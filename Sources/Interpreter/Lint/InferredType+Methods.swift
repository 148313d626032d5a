extension InferredType {
  /// What of a value stands behind a dot without arguments, or why no value of this type has it.
  func field(_ name: String) -> Result<InferredType, ValueProblem> {
    switch base {
    // A map's keys are its own, and `??` covers what null lacks.
    case .unknown, .null, .map: return .success(.unknown)
    case .cluster:
      if name == "name" || name == "context" { return .success(.text) }
      if name == "index" { return .success(.int) }
    case .outcome:
      if name == "ok" { return .success(.bool) }
      if Outcome.fields.contains(name) { return .success(.unknown) }
    default: break
    }
    if has(name, arguments: 0, lambda: false) { return .success(result(of: name)) }
    do throws(ValueProblem) {
      return .success(InferredType(of: try sample.field(name)))
    } catch {
      return .failure(error)
    }
  }

  /// Whether values of this type have such a method.
  func has(_ method: String, arguments: Int, lambda: Bool) -> Bool {
    let type = sample.typeName
    return Method.named(method).contains {
      $0.types.contains(type) && $0.arguments.contains(arguments) && ($0.takesLambda == .always) == lambda
    }
  }

  /// What a method gives that has no function as its argument.
  func result(of method: String) -> InferredType {
    switch (base, method) {
    case (_, "count"), (_, "index_of"): return .int
    case (_, "contains"), (_, "starts_with"), (_, "ends_with"): return .bool
    case (.list, "first"), (.list, "last"), (.list, "min"), (.list, "max"), (.list, "quantile"): return elementType
    case (.list, "sort"), (.list, "reverse"), (.list, "unique"), (.list, "take"), (.list, "drop"): return self
    case (.list, "flatten"): return InferredType(.list)
    case (.list, "join"): return .text
    case (.map, "keys"): return .list(of: .text)
    case (.map, "entries"): return .list(of: .map)
    case (.map, "values"): return InferredType(.list)
    case (.map, "without"): return .map
    case (.text, "json"), (.cluster, "json"): return .unknown
    case (_, "json"): return .text
    case (_, "lower"), (_, "upper"), (_, "trim"), (_, "replace"), (_, "base64"), (_, "base64_decoded"): return .text
    case (_, "lines"), (_, "split"): return .list(of: .text)
    case (_, "int"), (_, "floor"), (_, "ceil"), (_, "bytes"): return .int
    case (_, "float"), (_, "seconds"), (_, "milliseconds"), (_, "unix"): return InferredType(.float)
    case (_, "duration"): return InferredType(.duration)
    case (_, "size"): return InferredType(.size)
    case (_, "abs"): return self
    default: return .unknown
    }
  }

  /// What a method gives whose argument is a function that gives `body`.
  func result(of method: String, body: InferredType) -> InferredType {
    switch method {
    case "map": .list(of: body)
    case "filter", "sort": self
    case "all", "any": .bool
    case "min", "max": elementType
    case "group_by": .map
    default: .unknown
    }
  }
}
