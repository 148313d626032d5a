import Interpreter

/// Changes to a document, one after the other, as JSON Patch (RFC 6902) has them. The paths are JSON pointers (RFC 6901).
enum JSONPatch {
  /// - Parameter place: where the patch stands in the values: `config.cluster.patch`.
  /// - Throws: at the first operation that cannot be done; nothing is changed then.
  static func apply(
    _ operations: [Value], to document: Value, place: String
  ) throws(ChartProblem) -> Value {
    var document = document
    for (index, operation) in operations.enumerated() {
      let place = "\(place)[\(index)]"
      guard case .map(let map) = operation else {
        throw ChartProblem("\(place) must be a map with op and path, not \(operation.typeWithArticle)")
      }
      document = try Operation(map: map, place: place).applied(to: document)
    }
    return document
  }

  private struct Operation {
    let map: ValueMap
    let place: String

    func applied(to document: Value) throws(ChartProblem) -> Value {
      let path = try pointer("path")
      switch try string("op").string {
      case "add": return try path.adding(try value(), to: document)
      case "remove": return try path.removing(from: document)
      case "replace": return try path.replacing(with: try value(), in: document)
      case "copy": return try path.adding(try pointer("from").value(in: document), to: document)
      case "move":
        let from = try pointer("from")
        guard !path.isInside(from) else { throw ChartProblem("\(place) moves \(from.shown) into itself") }
        let value = try from.value(in: document)
        return from == path ? document : try path.adding(value, to: try from.removing(from: document))
      case "test":
        guard try path.value(in: document).isSameJSON(as: try value()) else {
          throw ChartProblem("\(place): the test failed, \(path.shown) holds something else")
        }
        return document
      default:
        throw ChartProblem(
          "\(place).op is no operation of JSON Patch", advice: "it knows add, remove, replace, move, copy and test")
      }
    }

    private func value() throws(ChartProblem) -> Value {
      guard let value = map["value"] else { throw ChartProblem("\(place) needs a value") }
      return value
    }

    private func string(_ key: String) throws(ChartProblem) -> Text {
      switch map[key] {
      case .string(let string)?: return Text(string)
      case .secret(let text)?: return text
      case nil: throw ChartProblem("\(place) needs \(key)")
      case let other?: throw ChartProblem("\(place).\(key) must be a string, not \(other.typeWithArticle)")
      }
    }

    private func pointer(_ key: String) throws(ChartProblem) -> JSONPointer {
      try JSONPointer(try string(key), place: place)
    }
  }
}

extension Value {
  /// Whether both would be the same JSON: numbers by what they amount to, maps whatever their order.
  func isSameJSON(as other: Value) -> Bool {
    switch (self, other) {
    case (.null, .null): return true
    case (.bool(let a), .bool(let b)): return a == b
    case (.int(let a), .int(let b)): return a == b
    case (.int(let int), .float(let float)), (.float(let float), .int(let int)): return Int64(exactly: float) == int
    case (.float(let a), .float(let b)): return a == b
    case (.map(let a), .map(let b)):
      return a.count == b.count && a.allSatisfy { key, value in b[key].map { value.isSameJSON(as: $0) } ?? false }
    default:
      if let a = elements, let b = other.elements {
        return a.count == b.count && zip(a, b).allSatisfy { $0.isSameJSON(as: $1) }
      }
      guard isTextInJSON, other.isTextInJSON else { return false }
      return (asText?.string ?? "").utf8.elementsEqual((other.asText?.string ?? "").utf8)
    }
  }

  private var isTextInJSON: Bool {
    switch self {
    case .null, .bool, .int, .float, .list, .map, .range, .outcome: false
    case .string, .secret, .duration, .size, .time, .cluster, .record, .later: true
    }
  }
}
