extension Method {
  static let listMethods: [Method] = [
    Method(["list"], "count", 0...0, "list.count: how many elements it has") {
      list, _ throws(ValueProblem) in
      if case .range(let range) = list {
        guard let count = range.exactCount else { throw .wrong("the list has more elements than an int holds") }
        return .int(count)
      }
      return .int(Int64(list.elements?.count ?? 0))
    },
    Method(["list"], "first", 0...0, "list.first: the first element; it fails if there is none") {
      list, _ throws(ValueProblem) in
      if case .range(let range) = list, range.count > 0 { return .int(range.first) }
      guard case .list(let elements) = list, let first = elements.first else {
        throw .missing("the list is empty: it has no first element")
      }
      return first
    },
    Method(["list"], "last", 0...0, "list.last: the last element; it fails if there is none") {
      list, _ throws(ValueProblem) in
      if case .range(let range) = list, range.count > 0 { return .int(range.last) }
      guard case .list(let elements) = list, let last = elements.last else {
        throw .missing("the list is empty: it has no last element")
      }
      return last
    },
    Method(["list"], "sort", 0...0, "list.sort: in rising order; list.sort(x => …): by what the function gives") {
      list, _ throws(ValueProblem) in
      let elements = list.elements ?? []
      return .list(try sorted(elements, by: elements))
    },
    Method(each: ["list"], "sort", "list.sort(x => …): in rising order of what the function gives") {
      elements, keys throws(ValueProblem) in .list(try sorted(elements, by: keys))
    },
    Method(["list"], "reverse", 0...0, "list.reverse: from the last element to the first") { list, _ in
      .list((list.elements ?? []).reversed())
    },
    Method(["list"], "unique", 0...0, "list.unique: every element once, where it comes first") {
      list, _ throws(ValueProblem) in
      var seen = ValueSet()
      var kept: [Value] = []
      for element in list.elements ?? [] where try seen.insert(element) { kept.append(element) }
      return .list(kept)
    },
    Method(["list"], "join", 0...1, "list.join(\", \"): one text of all elements, with the text between them") {
      list, arguments throws(ValueProblem) in
      let between = try arguments.first?.textArgument("join") ?? Text("")
      var text = Text("")
      let budget = Budget.ofThread
      for (index, element) in (list.elements ?? []).enumerated() {
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
    },
    Method(["list"], "contains", 1...1, "list.contains(x): whether x is one of the elements") {
      list, arguments throws(ValueProblem) in .bool(try Value.contains(list, arguments[0]))
    },
    Method(["list"], "index_of", 1...1, "list.index_of(x): the place of x, from 0; it fails if x is not in the list") {
      list, arguments throws(ValueProblem) in
      let budget = Budget.ofThread
      for (index, element) in (list.elements ?? []).enumerated() {
        try budget.spend()
        if try Value.areEqual(element, arguments[0]) { return .int(Int64(index)) }
      }
      throw .missing("the list does not hold \(arguments[0].shown(limit: 40))")
    },
    Method(["list"], "take", 1...1, "list.take(n): the first n elements, or all if there are fewer") {
      list, arguments throws(ValueProblem) in
      .list(Array((list.elements ?? []).prefix(try arguments[0].countArgument("take"))))
    },
    Method(["list"], "drop", 1...1, "list.drop(n): all but the first n elements") {
      list, arguments throws(ValueProblem) in
      .list(Array((list.elements ?? []).dropFirst(try arguments[0].countArgument("drop"))))
    },
    Method(["list"], "flatten", 0...0, "list.flatten: the elements of its lists, one after the other") {
      list, _ throws(ValueProblem) in
      var flat: [Value] = []
      let budget = Budget.ofThread
      for element in list.elements ?? [] {
        guard element.typeName == "list" else {
          flat.append(element)
          continue
        }
        let count = try element.boundedCount()
        try Value.checkCount(flat.count + count)
        try budget.spend(count / 8 + 1)
        flat += try element.boundedElements()
      }
      return .list(flat)
    },
    Method(["list"], "sum", 0...0, "list.sum: all elements added up; 0 for none") { list, _ throws(ValueProblem) in
      var sum: Value?
      let budget = Budget.ofThread
      for element in list.elements ?? [] {
        try budget.spend()
        sum = try sum.map { total throws(ValueProblem) in try Value.apply(.add, total, element) } ?? element
      }
      return sum ?? .int(0)
    },
    Method(["list"], "min", 0...0, "list.min: the least element; it fails if there is none") {
      list, _ throws(ValueProblem) in
      let elements = list.elements ?? []
      guard let least = try sorted(elements, by: elements).first else {
        throw .missing("the list is empty: it has no least element")
      }
      return least
    },
    Method(["list"], "max", 0...0, "list.max: the greatest element; it fails if there is none") {
      list, _ throws(ValueProblem) in
      let elements = list.elements ?? []
      guard let most = try sorted(elements, by: elements).last else {
        throw .missing("the list is empty: it has no greatest element")
      }
      return most
    },
    Method(each: ["list"], "min", "list.min(x => …): the element for which the function gives the least") {
      elements, keys throws(ValueProblem) in
      guard let least = try sorted(elements, by: keys).first else {
        throw .missing("the list is empty: it has no least element")
      }
      return least
    },
    Method(each: ["list"], "max", "list.max(x => …): the element for which the function gives the most") {
      elements, keys throws(ValueProblem) in
      guard let most = try sorted(elements, by: keys).last else {
        throw .missing("the list is empty: it has no greatest element")
      }
      return most
    },
    Method(
      ["list"], "quantile", 1...1, "list.quantile(0.99): the element below which that part of the sorted list lies"
    ) {
      list, arguments throws(ValueProblem) in
      let elements = list.elements ?? []
      let sorted = try sorted(elements, by: elements)
      guard arguments[0].typeName == "float" || arguments[0].typeName == "int" else {
        throw .wrong("`quantile` takes a number from 0 to 1, not \(arguments[0].typeWithArticle)")
      }
      let part = arguments[0].number
      guard !sorted.isEmpty else { throw .missing("the list is empty: it has no quantiles") }
      guard part >= 0, part <= 1 else { throw .wrong("a quantile lies between 0 and 1") }
      return sorted[min(sorted.count - 1, Int((Double(sorted.count) * part).rounded(.down)))]
    },
    Method(each: ["list"], "map", "list.map(x => …): what the function gives for each element") { _, results in
      .list(results)
    },
    Method(each: ["list"], "filter", "list.filter(x => …): the elements for which the function gives true") {
      elements, results throws(ValueProblem) in
      var kept: [Value] = []
      for (element, result) in zip(elements, results) where try result.truth("filter") { kept.append(element) }
      return .list(kept)
    },
    Method(each: ["list"], "all", "list.all(x => …): whether the function gives true for every element") {
      _, results throws(ValueProblem) in
      for result in results where try !result.truth("all") { return .bool(false) }
      return .bool(true)
    },
    Method(each: ["list"], "any", "list.any(x => …): whether the function gives true for some element") {
      _, results throws(ValueProblem) in
      for result in results where try result.truth("any") { return .bool(true) }
      return .bool(false)
    },
    Method(
      each: ["list"], "group_by",
      "list.group_by(x => …): a map from what the function gives to the list of its elements"
    ) {
      elements, results throws(ValueProblem) in
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

  func countArgument(_ method: String) throws(ValueProblem) -> Int {
    guard case .int(let count) = self, count >= 0 else { throw .wrong("`\(method)` takes a whole number from 0") }
    return Int(clamping: count)
  }

  /// The value as a condition.
  func truth(_ what: String) throws(ValueProblem) -> Bool {
    switch self {
    case .bool(let bool): return bool
    case .outcome(let outcome): return outcome.isOK
    default:
      throw .wrong(
        "`\(what)` takes a condition, not \(typeWithArticle)",
        advice: "conditions are bools or outcomes: compare with `==`, or ask `.count > 0`")
    }
  }
}
