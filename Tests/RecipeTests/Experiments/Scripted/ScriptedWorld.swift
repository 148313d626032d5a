import Interpreter

/// What there is in a scripted supercluster: its servers, and its streams.
struct ScriptedWorld {
  private(set) var servers: [ScriptedServer]
  var streams: [ScriptedStream] = []
  /// How many streams have been made: the first copy does not always lead.
  var made = 0
  var links = ScriptedLinks()
  /// How often the servers of an experiment's own release ask each other, of which each region has one; nil where there is
  /// none.
  var attentive: Duration?
  /// Who answers requests at the moment.
  var responders: [(id: Int, region: String, subject: String, body: String)] = []

  /// Clients that hold a connection, by where they are.
  var herds: [String: Int] = [:]

  init(regions: [String]) { servers = regions.flatMap(ScriptedServer.all) }

  // MARK: Servers

  func isRunning(_ server: String) -> Bool { servers.contains { $0.name == server && $0.state == .running } }

  /// Whether a server can take part in storing something.
  func stores(_ server: String) -> Bool {
    servers.contains { $0.name == server && $0.state == .running && !$0.isFull }
  }

  /// What a fault does to a server.
  mutating func change(_ server: String, _ change: (inout ScriptedServer) -> Void) {
    for index in servers.indices where servers[index].name == server { change(&servers[index]) }
    replaceLeaders(gently: false)
  }

  /// All who have JetStream lead it together, as far as they reach each other.
  func jetStreamHasLeader(seenFrom region: String) -> Bool {
    let all = servers.filter(\.hasJetStream)
    return all.count { $0.state == .running && links.join(region, $0.region) } * 2 > all.count
  }

  func region(of server: String) -> String { servers.first { $0.name == server }?.region ?? "" }

  /// Whether a region's clients get through to who leads a stream.
  func isLed(_ stream: ScriptedStream, seenFrom region: String) -> Bool {
    stream.leader.map { links.join(region, self.region(of: $0)) } ?? false
  }

  /// Whether enough of a stream's copies are there, and reached by one of them, for that one to lead it.
  private func hasQuorum(_ server: String, of stream: ScriptedStream) -> Bool {
    let place = region(of: server)
    return stores(server)
      && stream.copies.count { stores($0) && links.join(place, region(of: $0)) } * 2 > stream.copies.count
  }

  /// How long a client of a region waits for the word that a stream has a message: there and back, and to the nearest
  /// copies that make a majority.
  func writeTime(to stream: ScriptedStream, from client: String) -> Duration {
    guard let leader = stream.leader.map({ region(of: $0) }) else { return .zero }
    let others = stream.copies.filter { $0 != stream.leader }.map { links.roundTrip(leader, region(of: $0)) }.sorted()
    let needed = stream.copies.count / 2
    return links.roundTrip(client, leader) + (needed > 0 ? others[needed - 1] : .zero)
  }

  /// How those whom a client of a region connects to are: they run if one of them does.
  func entry(of region: String) -> ScriptedServer.State {
    let seeds = servers.filter { $0.workload == "\(region)-nats" && $0.region == region }.map(\.state)
    if seeds.contains(.running) { return .running }
    return seeds.contains(.paused) ? .paused : .stopped
  }

  /// With which server each connection within its NATS cluster is, and with how many clusters it has gateways. What is
  /// frozen keeps its connections.
  func links(of server: ScriptedServer) -> (routes: [String], gateways: Int) {
    let connected = servers.filter { $0.state != .stopped && !links.isRefused(server.region, $0.region) }
    let others = connected.filter { $0.cluster == server.cluster && $0.name != server.name }.map(\.name)
    return (
      others.flatMap { Array(repeating: $0, count: 4) },
      Set(connected.map(\.cluster)).subtracting([server.cluster]).count
    )
  }

  mutating func start(where isMeant: (ScriptedServer) -> Bool) {
    change(where: { isMeant($0) && $0.state == .stopped }, to: .running)
  }

  mutating func resume(where isMeant: (ScriptedServer) -> Bool) {
    change(where: { isMeant($0) && $0.state == .paused }, to: .running)
  }

  /// - Parameter gently: asked to end, a leader hands over first. One that is killed is missed for a while.
  mutating func stop(gently: Bool, where isMeant: (ScriptedServer) -> Bool) {
    change(where: isMeant, to: .stopped)
    replaceLeaders(gently: gently)
  }

  mutating func pause(where isMeant: (ScriptedServer) -> Bool) {
    change(where: { isMeant($0) && $0.state == .running }, to: .paused)
    replaceLeaders(gently: false)
  }

  private mutating func change(where isMeant: (ScriptedServer) -> Bool, to state: ScriptedServer.State) {
    for index in servers.indices where isMeant(servers[index]) { servers[index].state = state }
  }

  private mutating func replaceLeaders(gently: Bool) {
    for index in streams.indices {
      guard let leader = streams[index].leader, !stores(leader) else { continue }
      let heirs = streams[index].copies.filter(stores)
      streams[index].leader = gently && heirs.count * 2 > streams[index].copies.count ? heirs.first : nil
      streams[index].asksUntilElected = ScriptedStream.electionAsks
    }
  }

  // MARK: Streams

  /// Where a stream is, for whoever asks for it now. Asking is what time passes by: elections come to an end, copies
  /// collect from their origins, and what has lived long enough goes.
  mutating func find(_ name: String) throws(CommandFailure) -> Int {
    guard let index = streams.firstIndex(where: { $0.configuration.name == name }) else {
      throw CommandFailure(.failed, "stream not found (10059)")
    }
    elect(index)
    if streams[index].leader != nil {
      streams[index].expire()
      for origin in streams[index].configuration.sources { collect(from: origin, into: index) }
    }
    return index
  }

  private mutating func elect(_ index: Int) {
    let stream = streams[index]
    if let leader = stream.leader, hasQuorum(leader, of: stream) { return }
    let able = stream.copies.filter { hasQuorum($0, of: stream) }
    if stream.leader != nil || able.isEmpty {
      streams[index].leader = nil
      streams[index].asksUntilElected = ScriptedStream.electionAsks
    }
    guard let heir = able.first else { return }
    // One copy alone has nobody to agree with.
    if streams[index].asksUntilElected > 0, stream.copies.count > 1 {
      streams[index].asksUntilElected -= 1
    } else {
      streams[index].leader = heir
    }
  }

  private mutating func collect(from name: String, into index: Int) {
    guard let origin = try? find(name), let from = streams[origin].leader.map({ region(of: $0) }),
      let to = streams[index].leader.map({ region(of: $0) }), links.join(from, to)
    else { return }
    let known = streams[index].collected[name] ?? 0
    for message in streams[origin].messages where message.sequence > known {
      // It is on its way for half of a round trip, and behind all before it where the link carries only so much.
      let ready = max(message.time.nanoseconds, streams[index].busyUntil) + links.delay(from, to).nanoseconds
      let sending = links.sendingTime(message.size, from, to).nanoseconds
      guard ready + sending <= TimeValue.now.nanoseconds else { return }
      if sending > 0 { streams[index].busyUntil = max(message.time.nanoseconds, streams[index].busyUntil) + sending }
      _ = streams[index].store(message.subject, message.data)
      streams[index].collected[name] = message.sequence
    }
  }

  /// The servers for a new stream's copies. Every one is in another region, unless a tag says which region it is to be.
  func place(_ configuration: ScriptedStream.Configuration) throws(CommandFailure) -> [String] {
    let isPinned = configuration.tag != nil
    var copies: [ScriptedServer] = []
    for server in servers where server.hasJetStream && server.state == .running {
      guard server.cluster == configuration.cluster, copies.count < configuration.replicas,
        configuration.tag.map({ $0 == "az:\(server.region)" }) ?? true,
        isPinned || !copies.contains(where: { $0.region == server.region })
      else { continue }
      copies.append(server)
    }
    guard copies.count == configuration.replicas else {
      throw CommandFailure(.failed, "no suitable peers for placement (10005)")
    }
    return copies.map(\.name)
  }

  /// Makes a stream; one that is there and just like it stays as it is.
  mutating func add(_ configuration: ScriptedStream.Configuration) throws(CommandFailure) -> Int {
    if let index = streams.firstIndex(where: { $0.configuration.name == configuration.name }) {
      guard streams[index].configuration == configuration else {
        throw CommandFailure(.failed, "stream name already in use with a different configuration (10058)")
      }
      return try find(configuration.name)
    }
    let copies = try place(configuration)
    streams.append(ScriptedStream(configuration, copies: copies, leader: copies[made % copies.count]))
    made += 1
    return streams.count - 1
  }

  /// What an experiment has to leave as it found it: servers that do not run, and streams with their consumers.
  var leftovers: [String] {
    servers.filter { $0.state != .running }.map { "server \($0.name) \($0.state)" }
      + servers.filter(\.isFull).map { "server \($0.name) full" }
      + streams.map { "stream \($0.configuration.name)" } + links.all + (attentive == nil ? [] : ["release half-cut"])
  }
}
