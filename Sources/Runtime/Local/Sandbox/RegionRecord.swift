/// How a region was meant to be, as its `region.json` keeps it.
struct RegionRecord: Codable, Sendable {
  enum Wanted: String, Codable, Sendable {
    case running, stopped, paused
  }

  let name: String
  var wanted: Wanted
  var store: StoreRecord
  /// Namespaces that were made, beside `default`.
  var namespaces: [String]
  /// Where clients reach its first seed, if that was asked for; nil for wherever there is room.
  var clientPort: UInt16?
}

/// Where a region's streams lie.
struct StoreRecord: Codable, Sendable {
  /// The region's own folder.
  var folder: String
  var kind: StoreLocation.Kind
  /// For people: why there.
  var reason: String
}
