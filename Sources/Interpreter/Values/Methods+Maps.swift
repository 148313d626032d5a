extension Method {
  static let mapMethods: [Method] = [
    Method(["map"], "count", 0...0, "map.count: how many keys it has") { value, _ in .int(Int64(value.asMap.count)) },
    Method(["map"], "keys", 0...0, "map.keys: its keys, in their order") { value, _ in
      .list(value.asMap.keys.map(Value.string))
    },
    Method(["map"], "values", 0...0, "map.values: its values, in the order of their keys") { value, _ in
      .list(value.asMap.values)
    },
    Method(["map"], "entries", 0...0, "map.entries: a list of maps with a `key` and a `value` each") { value, _ in
      .list(value.asMap.map { ["key": .string($0.0), "value": $0.1] })
    },
    Method(["map"], "contains", 1...1, "map.contains(key): whether it has the key") {
      value, arguments throws(ValueProblem) in
      .bool(try Value.contains(value, arguments[0]))
    },
    Method(["map"], "without", 1...1, "map.without(key), map.without([keys]): the map without them") {
      value, arguments throws(ValueProblem) in
      var keys: Set<TextKey> = []
      for key in arguments[0].typeName == "list" ? try arguments[0].boundedElements() : [arguments[0]] {
        keys.insert(TextKey(try key.textArgument("without").string))
      }
      return .map(value.asMap.without(keys))
    },
    Method(
      each: ["map"], "map", "map.map((key, value) => …): a list of what the function gives for each entry"
    ) { _, results in .list(results) },
    Method(
      each: ["map"], "filter", "map.filter((key, value) => …): the entries for which the function gives true"
    ) { entries, results throws(ValueProblem) in
      var kept: [(String, Value)] = []
      for (entry, result) in zip(entries, results) where try result.truth("filter") {
        guard case .list(let pair) = entry, case .string(let key) = pair[0] else { continue }
        kept.append((key, pair[1]))
      }
      return .map(ValueMap(kept))
    },
    Method(each: ["map"], "all", "map.all((key, value) => …): whether the function gives true for every entry") {
      _, results throws(ValueProblem) in
      for result in results where try !result.truth("all") { return .bool(false) }
      return .bool(true)
    },
    Method(each: ["map"], "any", "map.any((key, value) => …): whether the function gives true for some entry") {
      _, results throws(ValueProblem) in
      for result in results where try result.truth("any") { return .bool(true) }
      return .bool(false)
    },
    Method(
      ["map", "list", "int", "float", "bool", "null", "duration", "size", "time"], "json", 0...0,
      "value.json: the value as JSON text; text.json: the value that the JSON text holds"
    ) { value, _ throws(ValueProblem) in try Value.bounded(value.json(limit: Value.mostBytes)) },
  ]
}

extension Value {
  fileprivate var asMap: ValueMap {
    if case .map(let map) = self { return map }
    return ValueMap()
  }
}
