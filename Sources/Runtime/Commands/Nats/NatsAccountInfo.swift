import Interpreter
import NATS

/// `account info`: who this login is, and what it has in JetStream.
extension NatsSubcommand {
  static let accountInfos: [NatsSubcommand] = [
    NatsSubcommand(
      CommandForm(
        "account info", "The connection, and what the account uses of JetStream and may use",
        flags: [.json] + Flag.ofConnection, example: "nats account info"), as: .jetStream, run: info)
  ]

  /// The server, then JetStream's `INFO` under `jetstream`: null for an account that has none.
  @Sendable private static func info(_ call: NatsCall) throws(CommandFailure) -> Value {
    let user = try userInfo(call)
    var entries = try call.withConnection { connection throws(NATSError) in
      let info = connection.info
      var entries = ValueMap()
      entries["server"] = .string(info.serverName)
      entries["cluster"] = info.cluster.map(Value.string)
      entries["version"] = .string(info.version)
      entries["url"] = .string(connection.server.url)
      entries["client_id"] = info.clientID.map { .int(Int64(clamping: $0)) }
      entries["max_payload"] = .size(SizeValue(bytes: Int64(info.maxPayload)))
      let took = try connection.roundTrip(limit: call.limit(atMost: NatsCall.patience))
      entries["rtt"] = .duration(DurationValue(took))
      return entries
    }
    for key in ["user", "account", "permissions", "expires"] { if let value = user[key] { entries[key] = value } }
    entries["jetstream"] = try jetStream(call)
    let value = Value.map(entries)
    return call.present(value, NatsDetails.text(value))
  }

  /// What the server says of the login; nothing if it is too old to tell.
  private static func userInfo(_ call: NatsCall) throws(CommandFailure) -> ValueMap {
    let answer = try call.withConnection { connection throws(NATSError) -> [UInt8]? in
      do throws(NATSError) {
        return try connection.request(
          "$SYS.REQ.USER.INFO", limit: call.limit(atMost: NatsCall.patience)
        ).payload
      } catch {
        guard case .noResponders = error else { throw error }
        return nil
      }
    }
    guard let answer else { return ValueMap() }
    return try call.reply(answer).entries["data"]?.entries ?? ValueMap()
  }

  private static func jetStream(_ call: NatsCall) throws(CommandFailure) -> Value {
    let answer = try call.withJetStream { jetStream throws(NATSError) -> [UInt8]? in
      do throws(NATSError) {
        return try jetStream.request("INFO", limit: call.limit(atMost: NatsCall.patience))
      } catch {
        switch error {
        // 10039: not enabled for the account; 10076: not enabled at all.
        case .api(let refusal) where [10039, 10076].contains(refusal.errorCode): return nil
        case .noResponders: return nil
        default: throw error
        }
      }
    }
    guard let answer else { return .null }
    return accountInfo(try call.reply(answer).entries)
  }

  /// An `INFO` without what only the protocol needs.
  static func accountInfo(_ info: ValueMap) -> Value {
    var info = info
    info["type"] = nil
    return .map(info)
  }
}
