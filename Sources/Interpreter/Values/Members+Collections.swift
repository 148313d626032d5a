/// The methods of lists and maps.
extension Member {
  static let collectionMethods: [Member] = lists + maps + [written]

  private static let lists: [Member] = [
    Member("count", on: [.list], gives: .int, needs: .structure, "how many elements it has") {
      list, _ throws(ValueProblem) in
      if case .range(let range) = list {
        guard let count = range.exactCount else { throw .wrong("the list has more elements than an int holds") }
        return .int(count)
      }
      return .int(list.elementCount)
    },
    Member("first", on: [.list], gives: .element, needs: .structure, "the first element; it fails if there is none") {
      list, _ throws(ValueProblem) in
      if case .range(let range) = list, range.count > 0 { return .int(range.first) }
      guard case .list(let elements) = list, let first = elements.first else { throw none("first element") }
      return first
    },
    Member("last", on: [.list], gives: .element, needs: .structure, "the last element; it fails if there is none") {
      list, _ throws(ValueProblem) in
      if case .range(let range) = list, range.count > 0 { return .int(range.last) }
      guard case .list(let elements) = list, let last = elements.last else { throw none("last element") }
      return last
    },
    Member("contains", on: [.list], takes: [.any("x")], gives: .bool, "whether x is one of the elements") {
      list, arguments throws(ValueProblem) in .bool(try Value.contains(list, arguments[0]))
    },
    Member(
      "index_of", on: [.list], takes: [.any("x")], gives: .int,
      "the place of x, from 0; it fails if x is not in the list"
    ) { list, arguments throws(ValueProblem) in
      let budget = Budget.ofThread
      for (index, element) in try list.boundedElements().enumerated() {
        try budget.spend()
        if try Value.areEqual(element, arguments[0]) { return .int(Int64(index)) }
      }
      throw .missing("the list does not hold \(arguments[0].shown(limit: 40))")
    },
    Member(
      "take", on: [.list], takes: [.count("n")], gives: .same, needs: .structure,
      "the first n elements, or all if there are fewer"
    ) { list, arguments throws(ValueProblem) in
      .list(Array(try list.boundedElements().prefix(try arguments[0].countArgument("take"))))
    },
    Member("drop", on: [.list], takes: [.count("n")], gives: .same, needs: .structure, "all but the first n elements") {
      list, arguments throws(ValueProblem) in
      .list(Array(try list.boundedElements().dropFirst(try arguments[0].countArgument("drop"))))
    },
    Member("reverse", on: [.list], gives: .same, needs: .structure, "from the last element to the first") {
      list, _ throws(ValueProblem) in .list(try list.boundedElements().reversed())
    },
    Member("unique", on: [.list], gives: .same, "every element once, where it comes first") {
      list, _ throws(ValueProblem) in
      var seen = ValueSet()
      var kept: [Value] = []
      for element in try list.boundedElements() where try seen.insert(element) { kept.append(element) }
      return .list(kept)
    },
    Member("flatten", on: [.list], gives: .list, needs: .parts, "the elements of its lists, one after the other") {
      list, _ throws(ValueProblem) in
      let elements = try list.boundedElements()
      var total = 0
      for element in elements {
        total += element.kind == .list ? try element.boundedCount() : 1
        try Value.checkCount(total)
      }
      var flat: [Value] = []
      let budget = Budget.ofThread
      for element in elements {
        guard element.kind == .list else {
          flat.append(element)
          continue
        }
        try budget.spend(element.boundedCount() / 8 + 1)
        flat += try element.boundedElements()
      }
      return .list(flat)
    },
    Member("join", on: [.list], gives: .string, "one text of all elements") { list, _ throws(ValueProblem) in
      try joined(list, "")
    },
    Member(
      "join", on: [.list], takes: [.text("\", \"")], gives: .string,
      "one text of all elements, with the text between them"
    ) { list, arguments throws(ValueProblem) in try joined(list, try arguments[0].textArgument("join")) },
    Member("sort", on: [.list], gives: .same, "in rising order") { list, _ throws(ValueProblem) in
      let elements = try list.boundedElements()
      return .list(try sorted(elements, by: elements))
    },
    Member("sort", onEachOf: .list, gives: .same, "in rising order of what the function gives") {
      elements, keys throws(ValueProblem) in .list(try sorted(elements, by: keys))
    },
    Member("sum", on: [.list], gives: .unknown, "all elements added up; 0 for none") { list, _ throws(ValueProblem) in
      var sum: Value?
      let budget = Budget.ofThread
      for element in try list.boundedElements() {
        try budget.spend()
        sum = try sum.map { total throws(ValueProblem) in try Value.apply(.add, total, element) } ?? element
      }
      return sum ?? .int(0)
    },
    Member("min", on: [.list], gives: .element, "the least element; it fails if there is none") {
      list, _ throws(ValueProblem) in
      let elements = try list.boundedElements()
      return try least(elements, by: elements)
    },
    Member("max", on: [.list], gives: .element, "the greatest element; it fails if there is none") {
      list, _ throws(ValueProblem) in
      let elements = try list.boundedElements()
      return try greatest(elements, by: elements)
    },
    Member("min", onEachOf: .list, gives: .element, "the element for which the function gives the least") {
      elements, keys throws(ValueProblem) in try least(elements, by: keys)
    },
    Member("max", onEachOf: .list, gives: .element, "the element for which the function gives the most") {
      elements, keys throws(ValueProblem) in try greatest(elements, by: keys)
    },
    Member(
      "quantile", on: [.list], takes: [.number("0.99", "a number from 0 to 1")], gives: .element,
      "the element below which that part of the sorted list lies"
    ) { list, arguments throws(ValueProblem) in
      let elements = try list.boundedElements()
      let sorted = try sorted(elements, by: elements)
      guard arguments[0].kind == .float || arguments[0].kind == .int else {
        throw .wrong("`quantile` takes a number from 0 to 1, not \(arguments[0].typeWithArticle)")
      }
      let part = arguments[0].number
      guard !sorted.isEmpty else { throw .missing("the list is empty: it has no quantiles") }
      guard part >= 0, part <= 1 else { throw .wrong("a quantile lies between 0 and 1") }
      return sorted[min(sorted.count - 1, Int((Double(sorted.count) * part).rounded(.down)))]
    },
    Member("map", onEachOf: .list, gives: .results, needs: .structure, "what the function gives for each element") {
      _, results in .list(results)
    },
    Member(
      "filter", onEachOf: .list, function: .conditions, gives: .same,
      "the elements for which the function gives true"
    ) { elements, results throws(ValueProblem) in
      var kept: [Value] = []
      for (element, result) in zip(elements, results) where try result.truth("filter") { kept.append(element) }
      return .list(kept)
    },
    Member(
      "all", onEachOf: .list, function: .conditions, gives: .bool, "whether the function gives true for every element",
      allTrue),
    Member(
      "any", onEachOf: .list, function: .conditions, gives: .bool, "whether the function gives true for some element",
      anyTrue),
    Member(
      "group_by", onEachOf: .list, gives: .map, "a map from what the function gives to the list of its elements"
    ) { elements, results throws(ValueProblem) in
      var keys: [TextKey] = []
      var groups: [TextKey: [Value]] = [:]
      let budget = Budget.ofThread
      for (element, result) in zip(elements, results) {
        try budget.spend(4)
        let key = TextKey(try result.asKey())
        if groups[key] == nil { keys.append(key) }
        groups[key, default: []].append(element)
      }
      return try Value.bounded(ValueMap(keys.map { ($0.text, .list(groups[$0] ?? [])) }))
    },
  ]

  private static let maps: [Member] = [
    Member("count", on: [.map], gives: .int, needs: .structure, "how many keys it has") { value, _ in
      .int(Int64(value.asMap.count))
    },
    Member("keys", on: [.map], gives: .strings, needs: .structure, "its keys, in their order") { value, _ in
      .list(value.asMap.keys.map(Value.string))
    },
    Member("values", on: [.map], gives: .list, needs: .structure, "its values, in the order of their keys") {
      value, _ in .list(value.asMap.values)
    },
    Member(
      "entries", on: [.map], gives: .type(.list(of: .map([("key", .string), ("value", .unknown)]))), needs: .structure,
      "a list of maps with a `key` and a `value` each"
    ) { value, _ in .list(value.asMap.map { ["key": .string($0.0), "value": $0.1] }) },
    Member("contains", on: [.map], takes: [.text("key")], gives: .bool, "whether it has the key") {
      value, arguments throws(ValueProblem) in .bool(try Value.contains(value, arguments[0]))
    },
    Member("without", on: [.map], takes: [.any("key")], gives: .same, "the map without the key, or a list of keys") {
      value, arguments throws(ValueProblem) in .map(value.asMap.without(try arguments[0].asKeys("without")))
    },
    Member(
      "map", onEachOf: .map, gives: .results, needs: .structure, "a list of what the function gives for each entry"
    ) { _, results in .list(results) },
    Member(
      "filter", onEachOf: .map, function: .conditions, gives: .same, "the entries for which the function gives true"
    ) { entries, results throws(ValueProblem) in
      var kept: [(String, Value)] = []
      for (entry, result) in zip(entries, results) where try result.truth("filter") {
        guard case .list(let pair) = entry, case .string(let key) = pair[0] else { continue }
        kept.append((key, pair[1]))
      }
      return .map(ValueMap(kept))
    },
    Member(
      "all", onEachOf: .map, function: .conditions, gives: .bool, "whether the function gives true for every entry",
      allTrue),
    Member(
      "any", onEachOf: .map, function: .conditions, gives: .bool, "whether the function gives true for some entry",
      anyTrue),
  ]

  private static let written = Member(
    "json", on: [.list, .map, .int, .float, .bool, .null, .duration, .size, .time], gives: .string,
    "the value as JSON text"
  ) { value, _ throws(ValueProblem) in
    // A range is a list only if it is not too long to be one.
    _ = try value.boundedCount()
    return try Value.bounded(value.json(limit: Value.mostBytes))
  }

  private static func none(_ what: String) -> ValueProblem { .missing("the list is empty: it has no \(what)") }

  private static func joined(_ list: Value, _ between: Text) throws(ValueProblem) -> Value {
    var text = Text("")
    let budget = Budget.ofThread
    for (index, element) in try list.boundedElements().enumerated() {
      if index > 0 { text.append(between) }
      guard let part = element.asText else {
        throw .wrong(
          "`join` takes text, not \(element.typeWithArticle)",
          advice: "make it text first: list.map(x => x.json).join()")
      }
      text.append(part)
      try Value.checkBytes(text.string.utf8.count)
      try budget.spend(part.string.utf8.count / 64 + 1)
    }
    return Value(text)
  }

  private static func least(_ elements: [Value], by keys: [Value]) throws(ValueProblem) -> Value {
    guard let least = try sorted(elements, by: keys).first else { throw none("least element") }
    return least
  }

  private static func greatest(_ elements: [Value], by keys: [Value]) throws(ValueProblem) -> Value {
    guard let greatest = try sorted(elements, by: keys).last else { throw none("greatest element") }
    return greatest
  }

  @Sendable private static func allTrue(_: [Value], _ results: [Value]) throws(ValueProblem) -> Value {
    for result in results where try !result.truth("all") { return .bool(false) }
    return .bool(true)
  }

  @Sendable private static func anyTrue(_: [Value], _ results: [Value]) throws(ValueProblem) -> Value {
    for result in results where try result.truth("any") { return .bool(true) }
    return .bool(false)
  }

  private static func sorted(_ elements: [Value], by keys: [Value]) throws(ValueProblem) -> [Value] {
    let budget = Budget.ofThread
    do {
      let order = try keys.indices.sorted { a, b in
        try budget.spend()
        if try Value.isLess(keys[a], keys[b]) { return true }
        // Equal elements stay in their order.
        if a > b { return false }
        return try !Value.isLess(keys[b], keys[a])
      }
      return order.map { elements[$0] }
    } catch {
      // Sorting hands on what the comparison throws, but not of which type that is.
      throw error as? ValueProblem ?? .outOfTime
    }
  }
}

extension Value {
  /// The value as the text that a method asks for.
  func textArgument(_ method: String) throws(ValueProblem) -> Text {
    guard let text = asText else { throw .wrong("`\(method)` takes text, not \(typeWithArticle)") }
    return text
  }

  /// The value as keys of a map: one, or a list of some.
  package func asKeys(_ method: String) throws(ValueProblem) -> Set<TextKey> {
    var keys: Set<TextKey> = []
    for key in kind == .list ? try boundedElements() : [self] {
      keys.insert(TextKey(try key.textArgument(method).string))
    }
    return keys
  }

  func countArgument(_ method: String) throws(ValueProblem) -> Int {
    guard case .int(let count) = self, count >= 0 else { throw .wrong("`\(method)` takes a whole number from 0") }
    return Int(clamping: count)
  }

  /// The value as a condition.
  package func truth(_ what: String) throws(ValueProblem) -> Bool {
    switch self {
    case .bool(let bool): return bool
    case .outcome(let outcome): return outcome.isOK
    default:
      throw .wrong(
        "`\(what)` takes a condition, not \(typeWithArticle)",
        advice: "conditions are bools or outcomes: compare with `==`, or ask `.count > 0`")
    }
  }

  fileprivate var asMap: ValueMap {
    if case .map(let map) = self { return map }
    return ValueMap()
  }
}
