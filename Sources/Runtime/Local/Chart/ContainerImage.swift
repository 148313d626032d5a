import Interpreter

/// `container.image`: here it says which version of the server runs.
enum ContainerImage {
  /// The image's tag; nil where the values leave it to the chart.
  static func tag(_ values: ChartValues) throws(ChartProblem) -> String? {
    let container = try values.section("container")
    try container.allowOnly(
      ["image", "ports", "env", "merge", "patch"], elsewhere: "what Kubernetes takes for a container goes under merge")
    let image = try container.section("image")
    try image.allowOnly(
      ["repository", "tag", "pullPolicy", "registry", "fullImageName", "digest"],
      elsewhere: "the version goes under \(image.place("tag"))")
    let tag = try image.text("tag")?.string
    if let full = try image.text("fullImageName")?.string {
      guard let tag = self.tag(ofImage: full) else { throw unknownVersion(image, "fullImageName") }
      return tag
    }
    if try image.text("digest") != nil, tag == nil { throw unknownVersion(image, "digest") }
    return tag
  }

  /// `2.11.4` of `registry:5000/nats:2.11.4@sha256:…`.
  private static func tag(ofImage name: String) -> String? {
    let named = name.split(separator: "@", maxSplits: 1)[0]
    let last = named.split(separator: "/").last ?? named
    let parts = last.split(separator: ":", maxSplits: 1)
    return parts.count == 2 ? String(parts[1]) : nil
  }

  private static func unknownVersion(_ image: ChartValues, _ key: String) -> ChartProblem {
    ChartProblem(
      "\(image.place(key)) does not say which version it is, and the local target has programs in place of images",
      advice: "say the version beside it: \(image.place("tag")), or NAME:\(ServerBinary.pinnedVersion)")
  }
}
