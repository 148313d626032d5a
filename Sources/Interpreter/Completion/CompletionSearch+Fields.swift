import Lexer

/// What may stand behind a dot.
extension CompletionSearch {
  mutating func completeFields(of base: Expression) {
    let type = type(of: base, in: before)
    for entry in type.entries where Letters.isName(entry.key) { add(entry.key, .field, entry.type.summary) }
    for member in Member.all where type.isKnown ? member.belongs(to: type.kind) : !member.isField {
      let signature = member.signature
      add(
        member.name, member.isField ? .field : .method, signature.help, documentation: Signature.help(of: [signature]),
        text: member.name + (member.isWrittenBare ? "" : "("))
    }
  }

  private static let deepest = 16

  /// What can be told of an expression's value, as far as its text tells.
  ///
  /// - Parameter index: the one whose tree it belongs to.
  func type(of expression: Expression, in index: NameIndex, depth: Int = 0) -> ValueType {
    guard depth < CompletionSearch.deepest else { return .unknown }
    func part(_ part: Expression) -> ValueType { type(of: part, in: index, depth: depth) }
    switch expression.form {
    case .literal(let value): return .known(value)
    case .text: return .string
    case .name(let symbol): return type(ofName: index.symbols[symbol], at: Int(expression.span.start), depth + 1)
    case .list(let elements): return .list(of: elements.first.map(part) ?? .unknown)
    case .map(let entries): return .map(nested(entries, part))
    case .comprehension(let node): return .list(of: part(node.element))
    case .not, .and, .or: return .bool
    case .negate(let operand), .coalesce(let operand, _), .conditional(_, let operand, _): return part(operand)
    case .binary(let op, let left, let right):
      let first = part(left)
      if case .success(let result) = ValueType.applying(op, first, part(right)), result.isKnown { return result }
      return first
    case .field(let base, let name): return member(name.text, of: part(base), name.members.filter(\.isWrittenBare))
    case .index(let base, let index):
      guard case .literal(.string(let key)) = index.form else { return part(base).element }
      return part(base).entry(key) ?? .unknown
    case .method(let call):
      let methods = call.name.members.filter { !$0.isField && $0.signature.count == call.arguments.count }
      return member(nil, of: part(call.base), methods)
    case .call(let call):
      return BuiltinFunction(rawValue: index.symbols[call.name])?.gives(call.arguments.count) ?? .unknown
    case .command(let call):
      let words = call.words.map { word in word.literal(in: index.file).map { Text($0) } }
      return call.words.contains(where: \.isSpread) ? .unknown : .given(vocabulary.command(call.symbol).gives(words))
    case .attempt: return .outcome
    case .statement(.foreach): return ValueType(.list)
    case .statement, .missing: return .unknown
    }
  }

  /// What stands behind a dot: a map's entry goes before what all maps have.
  private func member(_ key: String?, of base: ValueType, _ members: [Member]) -> ValueType {
    if let entry = key.flatMap(base.entry) { return entry }
    return base.result(of: base.isKnown ? members.filter { $0.belongs(to: base.kind) } : members)
  }

  private func type(ofName name: String, at place: Int, _ depth: Int) -> ValueType {
    if name == "clusters" { return .clusters }
    if let entry = session.last(where: { $0.name == name }) { return .known(entry.value) }
    if let constant = vocabulary.constants.first(where: { $0.name == name }) {
      return .map(constant.fields.map { ($0, .unknown) })
    }
    // A comprehension's name stands behind its use.
    for isAbove in [true, false] {
      let index = isAbove ? before : self.index
      guard let name = index.name(name, knownAt: place), let value = name.value else { continue }
      let type = type(of: value, in: index, depth: depth)
      return name.kind == .loopVariable ? type.element : type
    }
    return .unknown
  }

  /// The entries of a map that is written out: `a.b: 1` is a map within.
  private func nested(_ entries: [MapEntry], _ type: (Expression) -> ValueType) -> [ValueType.Entry] {
    var result: [ValueType.Entry] = []
    for entry in entries {
      guard case .path(let path) = entry.key, let first = path.first else { continue }
      let value = path.dropFirst().reversed().reduce(type(entry.value)) { .map([($1, $0)]) }
      if let place = result.firstIndex(where: { $0.key == first }) {
        result[place].type = .map(result[place].type.entries + value.entries)
      } else {
        result.append((first, value))
      }
    }
    return result
  }
}
