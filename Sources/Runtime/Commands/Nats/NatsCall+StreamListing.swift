import Interpreter
import NATS

/// The streams of the account, for the listings of streams, buckets and object buckets.
extension NatsCall {
  struct StreamListing {
    /// What all their names begin with.
    let prefix: String
    /// As their INFO says, by name. That of a silent one, if it is there at all, has an empty state.
    var streams: [Value] = []
    /// Names of streams that there are, but that no server tells of: those who have them are down, or far behind.
    var silent: [String] = []

    /// The table of the streams, and what it lacks.
    func annotated(_ table: String) -> String {
      guard !silent.isEmpty else { return table }
      let names = silent.map { $0.dropFirst(prefix.count) }.joined(separator: ", ")
      let note = "no server tells of \(names); see what is down: nbx status"
      return streams.isEmpty ? note : "\(table)\n\(note)"
    }
  }

  /// How long all pages of a listing may take.
  static let listing = Duration.seconds(30)
  /// How long the streams that a listing missed are waited for.
  private static let secondAsking = Duration.seconds(2)

  /// All streams of the account whose name `prefix` begins.
  ///
  /// JetStream's leader asks the leaders of the streams, and gives up on those that are silent for four seconds. Such a one
  /// may not have heard the question: right after a stream is made, the way to it may not be known everywhere. So it is
  /// asked for once more.
  func streams(named prefix: String = "", subject: String? = nil) throws(CommandFailure) -> StreamListing {
    var listing = StreamListing(prefix: prefix)
    var missed: Set<String> = []
    for page in try streamPages("STREAM.LIST", subject) {
      listing.streams += page["streams"]?.elements ?? []
      missed.formUnion((page["missing"]?.elements ?? []).compactMap { $0.asText?.string })
    }
    listing.streams.removeAll { !$0.streamName.hasPrefix(prefix) }
    try askAgain(missed.filter { $0.hasPrefix(prefix) }.sorted(), &listing)
    listing.streams.sort { $0.streamName < $1.streamName }
    return listing
  }

  private func askAgain(_ names: [String], _ listing: inout StreamListing) throws(CommandFailure) {
    guard !names.isEmpty else { return }
    let answers = try withJetStream { jetStream throws(NATSError) in
      try jetStream.requestEach(names.map { "STREAM.INFO.\($0)" }, limit: limit(atMost: NatsCall.secondAsking))
    }
    for (name, answer) in zip(names, answers) {
      switch answer {
      case .success(let info):
        // Of a stream whose servers are all down there may be an entry, with its configuration and an empty state.
        listing.streams.removeAll { $0.streamName == name }
        listing.streams.append(NatsCall.streamInfo(try reply(info)))
      // Taken away meanwhile.
      case .failure(.api(let refusal)) where refusal.errorCode == 10059: break
      case .failure: listing.silent.append(name)
      }
    }
  }

  /// The names of all streams, also of those that no server tells of. JetStream's leader knows them by itself.
  func streamNames(
    named prefix: String = "", subject: String? = nil, within patience: Duration = NatsCall.listing
  ) throws(CommandFailure) -> [String] {
    var names: [String] = []
    for page in try streamPages("STREAM.NAMES", subject, within: patience) {
      names += (page["streams"]?.elements ?? []).compactMap { $0.asText?.string }
    }
    return names.filter { $0.hasPrefix(prefix) }.sorted()
  }

  private func streamPages(
    _ api: String, _ subject: String?, within patience: Duration = NatsCall.listing
  ) throws(CommandFailure) -> [ValueMap] {
    let pages = try withJetStream { jetStream throws(NATSError) in
      try jetStream.pages(api, subject: subject, limit: limit(atMost: patience))
    }
    var maps: [ValueMap] = []
    for page in pages { maps.append(try reply(page).entries) }
    return maps
  }
}

extension Value {
  /// The name in a stream's INFO.
  var streamName: String { entries["config"]?.entries["name"]?.asText?.string ?? "" }
}
