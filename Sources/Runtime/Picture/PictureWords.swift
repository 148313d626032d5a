import Lexer

/// How figures and states read, on the page and in the terminal.
enum PictureWords {
  /// `119 µs`, `1.3 ms`, `12 ms`
  static func roundTrip(_ nanoseconds: Int64) -> String {
    if nanoseconds < 1_000_000 { return "\((nanoseconds + 500) / 1000) µs" }
    let tenths = (nanoseconds + 50_000) / 100_000
    return tenths < 100 ? "\(tenths / 10).\(tenths % 10) ms" : "\((tenths + 5) / 10) ms"
  }

  /// `leaf of c1-nats-0 (account JS, 0.2 ms)`
  static func connection(of leaf: SuperclusterPicture.Leafnode) -> String {
    guard let hub = leaf.hub else { return "✕ leaf of nobody (account \(leaf.account))" }
    return "leaf of \(hub) (account \(leaf.account)\(leaf.roundTrip.map { ", \(roundTrip($0))" } ?? ""))"
  }

  /// A sign for each state that is told apart without colour.
  static func sign(_ state: String) -> String {
    switch state {
    case "running": "●"
    case "starting", "degraded", "disk full": "◐"
    case "paused", "frozen": "Ⅱ"
    case "silent", "unreachable", "": "?"
    default: "✕"
    }
  }

  /// A sign for a copy of a stream, and what is to be said of it beside its server's name.
  static func mark(of copy: SuperclusterPicture.Copy) -> (sign: String, words: String) {
    if copy.isLeader { return ("★", "") }
    let words =
      copy.isOffline ? "offline" : copy.lag > 0 ? "\(copy.lag) behind" : copy.isCurrent ? "" : "not current"
    return (copy.isWell ? "○" : "✕", words)
  }

  /// What a stream lacks; nil if it is led.
  static func lack(of stream: SuperclusterPicture.Stream) -> String? {
    guard stream.leader == nil else { return nil }
    return stream.copies.isEmpty ? "✕ out of reach" : "✕ no leader"
  }

  /// What the servers as a whole are, in a line.
  static func summary(_ picture: SuperclusterPicture) -> String {
    let (up, all) = (picture.runningCount, picture.servers.count)
    if picture.regions.isEmpty { return "nothing is here" }
    if all == 0 { return "no server is here yet" }
    if up == 0 { return all == 1 ? "the only server is down" : "all \(all) servers are down" }
    if up < all { return "\(all - up) of \(all) servers \(all - up == 1 ? "is" : "are") down" }
    if picture.problems.isEmpty { return "all is well: \(all == 1 ? "1 server runs" : "\(all) servers run")" }
    return (all == 1 ? "the only server runs" : "all \(all) servers run") + ", but not all is well"
  }

  /// How many of some servers run: `1 of 4 servers runs`.
  static func running(_ up: Int, of all: Int) -> String {
    "\(up) of \(counted(all, "server")) \(up == 1 ? "runs" : "run")"
  }

  /// `2026-11-22 17:03:04 UTC`
  static func moment(_ picture: SuperclusterPicture) -> String {
    picture.taken.text.prefix(19).replacing("T", with: " ") + " UTC"
  }
}
