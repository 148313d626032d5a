import Interpreter

/// A helm release, as its file keeps it.
struct ReleaseRecord: Codable, Sendable {
  enum Status: String, Codable, Sendable {
    case deployed
    case failed
    /// An upgrade has begun; an nbx that was killed leaves it so.
    case pending = "pending-upgrade"
  }

  let identity: ReleaseIdentity
  /// `1.3.7`
  var chartVersion: String
  var revision: Int
  var status: Status
  /// Seconds since 1970.
  var updated: Double
  /// As JSON.
  var values: String
  /// Which strings of the values must not be seen.
  var secrets: [SecretPlace]
  var statefulSet: String
  var replicas: Int
  /// The version of the servers.
  var appVersion: String

  /// The values, secrets marked as such.
  var valueMap: ValueMap {
    guard case .map(let map)? = try? Value.json(Array(values.utf8)) else { return ValueMap() }
    guard case .map(let marked) = SecretPlace.mark(secrets, in: .map(map)) else { return map }
    return marked
  }

  mutating func keep(_ map: ValueMap) {
    values = Value.map(map).json(sizes: .quantity).string
    secrets = SecretPlace.all(in: .map(map))
  }
}

/// A string among values that is secret, and which of its bytes are.
struct SecretPlace: Codable, Equatable, Sendable {
  /// Keys and indices that lead to it.
  let path: [String]
  let hidden: [Range<Int>]

  static func all(in value: Value, at path: [String] = []) -> [SecretPlace] {
    switch value {
    case .map(let map): map.flatMap { all(in: $0.1, at: path + [$0.0]) }
    case .list(let list): list.enumerated().flatMap { all(in: $0.element, at: path + [String($0.offset)]) }
    default:
      value.asText.flatMap { $0.isSecret ? [SecretPlace(path: path, hidden: $0.hidden)] : nil } ?? []
    }
  }

  /// The same values with those places secret again.
  static func mark(_ places: [SecretPlace], in value: Value) -> Value {
    places.reduce(value) { mark($1, $1.path[...], in: $0) }
  }

  private static func mark(_ place: SecretPlace, _ path: ArraySlice<String>, in value: Value) -> Value {
    guard let key = path.first else {
      guard case .string(let string) = value else { return value }
      return .secret(Text(string, hidden: place.hidden))
    }
    switch value {
    case .map(var map):
      if let inner = map[key] { map[key] = mark(place, path.dropFirst(), in: inner) }
      return .map(map)
    case .list(var list):
      if let index = Int(key), list.indices.contains(index) {
        list[index] = mark(place, path.dropFirst(), in: list[index])
      }
      return .list(list)
    default: return value
    }
  }
}
