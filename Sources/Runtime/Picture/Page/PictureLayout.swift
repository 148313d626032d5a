/// Where everything stands in the drawing. Regions are columns; what connects them runs above and below, the farther apart
/// the higher, so that each link has a place of its own for its label.
struct PictureLayout {
  let picture: SuperclusterPicture
  let columns: [Column]
  /// NATS clusters that are stretched over regions, or beside the region's own: bands across the columns.
  let bands: [String]

  struct Column {
    let region: SuperclusterPicture.Region
    let x: Double
    /// The NATS cluster that is the region's own.
    let home: String
    /// Rows of its own cluster: kind, then its servers.
    let rows: [(kind: String, servers: [SuperclusterPicture.Server])]
    /// Servers in the bands.
    let stretched: [String: [SuperclusterPicture.Server]]
  }

  let width: Double
  var gap: Double { columns.count > 3 ? 62 : 92 }
  let columnWidth: Double

  static let margin = 20.0
  static let tile = (width: 38.0, height: 34.0, space: 6.0)
  static let labelWidth = 46.0
  static let arcStep = 44.0

  init(_ picture: SuperclusterPicture) {
    self.picture = picture
    let names = picture.regions + PictureLayout.unlisted(picture)
    let homes = PictureLayout.homes(picture, names.map(\.name))
    bands = picture.natsClusters.filter { !homes.values.contains($0) }
    columnWidth = names.count > 4 ? 204 : names.count == 4 ? 216 : 248
    let gap = names.count > 3 ? 62.0 : 92.0
    var columns: [Column] = []
    for (place, region) in names.enumerated() {
      let own = picture.servers.filter { $0.region == region.name }
      let home = homes[region.name] ?? ""
      let kinds = Dictionary(grouping: own.filter { $0.natsCluster == home || $0.natsCluster.isEmpty }, by: \.kind)
      columns.append(
        Column(
          region: region, x: PictureLayout.margin + Double(place) * (columnWidth + gap), home: home,
          rows: kinds.keys.sorted(by: PictureLayout.isBefore).map { ($0, kinds[$0] ?? []) },
          stretched: Dictionary(grouping: own.filter { $0.natsCluster != home && !$0.natsCluster.isEmpty }) {
            $0.natsCluster
          }))
    }
    self.columns = columns
    let count = Double(max(names.count, 1))
    width = 2 * PictureLayout.margin + count * columnWidth + (count - 1) * gap
  }

  /// Servers that no region of the target has.
  private static func unlisted(_ picture: SuperclusterPicture) -> [SuperclusterPicture.Region] {
    let known = Set(picture.regions.map(\.name))
    return Set(picture.servers.map(\.region)).subtracting(known).sorted().map { .init(name: $0, state: "running") }
  }

  /// Of each region the NATS cluster that has servers nowhere else; the largest of them.
  private static func homes(_ picture: SuperclusterPicture, _ regions: [String]) -> [String: String] {
    let regionsOf = Dictionary(grouping: picture.servers.filter { !$0.natsCluster.isEmpty }, by: \.natsCluster)
    var homes: [String: String] = [:]
    for region in regions {
      let own = regionsOf.filter { cluster in cluster.value.allSatisfy { $0.region == region } }
      homes[region] = own.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }?.key
    }
    return homes
  }

  private static func isBefore(_ a: String, _ b: String) -> Bool {
    let order = ["seed", "js", "gw"]
    return (order.firstIndex(of: a) ?? order.count, a) < (order.firstIndex(of: b) ?? order.count, b)
  }

  // MARK: Heights, from the top down

  /// How far apart regions are at most whose clusters have gateways to each other.
  private var farthest: Int { max(columns.count - 1, 0) }

  func arcHeight(_ distance: Int) -> Double { 18 + PictureLayout.arcStep * Double(distance) }

  var top: Double { farthest > 0 ? arcHeight(farthest) + 24 : 16 }
  static let headHeight = 62.0
  var boxTop: Double { top + PictureLayout.headHeight }

  var tilesInLine: Int {
    let room = columnWidth - 40 - PictureLayout.labelWidth
    return max(1, Int((room + PictureLayout.tile.space) / (PictureLayout.tile.width + PictureLayout.tile.space)))
  }

  func lines(_ count: Int) -> Int { (max(count, 1) + tilesInLine - 1) / tilesInLine }
  var lineHeight: Double { PictureLayout.tile.height + PictureLayout.tile.space }

  /// The tallest column decides.
  var boxHeight: Double {
    let lines = columns.map { $0.rows.reduce(0) { $0 + self.lines($1.servers.count) } }.max() ?? 0
    return 30 + Double(max(lines, 1)) * lineHeight + 26 + (hasLeafLines ? PictureLayout.leafLine : 0)
  }

  /// Whether leafnodes are told of within a region: those whose other end is there too, or in no region that is seen.
  private var hasLeafLines: Bool { columns.contains { !leavesWithin($0.region.name).isEmpty } }
  static let leafLine = 16.0

  func leavesWithin(_ region: String) -> [SuperclusterPicture.Leafnode] {
    picture.leafnodes.filter { leaf in
      let ends = Set([leaf.region, leaf.hubRegion].compactMap { $0 }).intersection(columns.map(\.region.name))
      return ends == [region]
    }
  }

  /// Between a region's own cluster and the bands, where their gateways are drawn.
  static let linkHeight = 56.0

  func bandHeight(_ cluster: String) -> Double {
    let most = columns.map { lines($0.stretched[cluster]?.count ?? 0) }.max() ?? 1
    return 32 + Double(most) * lineHeight + 24
  }

  func bandTop(_ band: String) -> Double {
    var y = boxTop + boxHeight
    for name in bands {
      y += PictureLayout.linkHeight
      if name == band { return y }
      y += bandHeight(name)
    }
    return y
  }

  var areaBottom: Double { (bands.last.map { bandTop($0) + bandHeight($0) } ?? boxTop + boxHeight) + 14 }

  /// Routes of the last band between regions that are no neighbours run below it.
  var height: Double { areaBottom + (bands.isEmpty || farthest < 2 ? 12 : arcHeight(farthest - 1) + 16) }

  /// Where the link from one column to another leaves: the nearest outermost, so that links of one column do not cross.
  func port(of column: Int, towards other: Int) -> Double {
    let order = Array((0..<column).reversed()) + Array((column + 1..<max(columns.count, column + 1)).reversed())
    let place = order.firstIndex(of: other) ?? 0
    let step = columnWidth / Double(order.count + 1)
    return columns[column].x + step * Double(place + 1)
  }
}
