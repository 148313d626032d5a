import Interpreter

/// A reply as lines for people: one for each leaf, named by its path, the values below each other.
enum NatsDetails {
  static func text(_ value: Value) -> String {
    let leaves = leaves(value, "")
    let width = leaves.map(\.name.count).max() ?? 0
    return leaves.map { leaf in
      leaf.name + String(repeating: " ", count: width - leaf.name.count + 2) + leaf.text
    }.joined(separator: "\n")
  }

  private static func leaves(_ value: Value, _ name: String) -> [(name: String, text: String)] {
    switch value {
    case .map(let map):
      return map.flatMap { leaves($0.1, name.isEmpty ? $0.0 : "\(name).\($0.0)") }
    case .list(let elements):
      let texts = elements.compactMap { $0.asText?.masked }
      if texts.count == elements.count { return [(name, texts.joined(separator: ", "))] }
      return elements.enumerated().flatMap { leaves($0.element, "\(name)[\($0.offset)]") }
    case .null: return [(name, "never")]
    default: return [(name, value.printed)]
    }
  }
}
