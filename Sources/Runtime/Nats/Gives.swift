import ValuesAndCommands

/// What the forms of `nats` give. Which of a server's numbers are times, durations and sizes is told here, too.
enum Gives {
  /// A map with such fields.
  ///
  /// - Parameters:
  ///   - fields: as `Field.all` reads them.
  ///   - more: those that are maps with fields of their own.
  ///   - open: whether servers may tell others.
  static func map(_ fields: String, _ more: Field..., name: String = "", open: Bool = false) -> Shape {
    .map(name, open: open, Field.all(fields) + more)
  }

  // MARK: Streams

  static let stream = streamLike("", name: "a stream")
  static let bucket = streamLike(bucketFields + "values int; history int; ", name: "a bucket")
  static let store = streamLike(bucketFields + "sealed bool; ", name: "an object store")

  private static let bucketFields =
    "bucket text; description text; bytes size; ttl duration; storage text; replicas int; "
    + "stream text: the stream that it is; "

  private static func streamLike(_ fields: String, name: String) -> Shape {
    map(
      fields + "created time; ts time?: when this was so; did_create bool?: whether this call made it; domain text?",
      Field("config", ConfigurationKeys.stream.shape, "how it is set up"), Field("state", state), cluster,
      Field("mirror", origin, "the stream that it is a copy of", optional: true),
      Field("sources", .list(origin), "those that it takes messages from", optional: true),
      Field(
        "alternates", .list(map("name text; cluster text?", open: true)), "its mirrors, the nearest first",
        optional: true), name: name)
  }

  private static let state = map(
    "messages int: how many it holds; bytes size; first_seq int; first_ts time: null if there was none; "
      + "last_seq int; last_ts time; num_subjects int?; subjects map?; "
      + "num_deleted int?: how many went in between; deleted [int]?; consumer_count int",
    Field("lost", map("msgs [int]?", open: true), optional: true))

  private static let replica = map(
    "name text: its server; current bool: whether it knows all that the leader does; offline bool?; "
      + "observer bool?; active duration?: since it was heard of; lag int?: how many operations it is behind; "
      + "peer text?; leader bool?: in reports: whether it leads")

  private static let cluster = Field(
    "cluster",
    map(
      "name text?; leader text?: the server that leads",
      Field("replicas", .list(replica), "the others", optional: true),
      open: true), "where it lies", optional: true)

  private static let origin = map(
    "name text; lag int: how many messages it is behind; active duration: since it was heard of", open: true)

  private static func row(_ fields: String) -> Shape {
    map(fields + "; leader text: null without a group", Field("replicas", .list(replica), "the leader and the others"))
  }

  static let streamRow = row(
    "name text; storage text; cluster text; placement map; consumers int; messages int; bytes size; "
      + "lost int; deleted int")

  static let leaderMove = map("leader text: the server that leads now; previous text: the one that led before")

  // MARK: Consumers

  private static let sequences = map("consumer_seq int; stream_seq int; last_active time?")

  static let consumer = map(
    "stream_name text; name text; created time; ts time?: when this was so; num_waiting int: how many ask; "
      + "num_ack_pending int: how many are handed out and not acknowledged; "
      + "num_redelivered int: how many of these more than once; "
      + "num_pending int: how many it has not handed out yet; push_bound bool?; paused bool?; "
      + "pause_remaining duration?; priority_groups [map]?",
    Field("config", ConfigurationKeys.consumer.shape, "how it is set up"),
    Field("delivered", sequences, "up to where it has handed out"),
    Field("ack_floor", sequences, "up to where all is acknowledged"), cluster, name: "a consumer")

  static let consumerRow = row(
    "name text; mode text: pull or push; ack_policy text; ack_wait duration; num_ack_pending int; "
      + "num_redelivered int; num_pending int; ack_floor int: the sequence up to which all is acknowledged")

  static let pause = map("paused bool; pause_until time; pause_remaining duration?")

  // MARK: Messages

  private static let data = "data text: its body, in Base64 if that is no text; encoding text?: base64, where data is; "
  private static let content = "subject text; \(data)headers map: by name, one that comes more than once a list; "
  private static let verdict =
    "acknowledged bool; reply text: by which `consumer ack` knows it; problem text?: why the consumer took no note"

  static let message = map(content + "reply text?: where an answer is to go", name: "a message")
  static let storedMessage = map(content + "seq int; time time")
  static let acknowledged = map("seq int: the message's sequence; " + verdict)
  static let handedOut = map(
    content
      + "seq int: its place in the stream; time time; delivered int: how often it was handed out; "
      + "pending int: how many are left; \(verdict)")

  static let stored = map(
    "stream text; seq int: the last message's place; duplicate bool: whether the stream had it already; "
      + "domain text?; count int?: with --count")

  // MARK: Entries and objects

  static let entry = map(
    "bucket text; key text; value text?: in Base64 if it is no text; "
      + "encoding text?: base64, where the value is; revision int; created time; "
      + "operation text: PUT, DEL or PURGE; delta int?: how many came after it", name: "an entry")

  static let written = map("bucket text; key text; revision int")

  static let object = objectLike("", name: "an object")
  static let objectInFile = objectLike("output text: the file; ")
  static let objectWithData = objectLike(data)

  private static func objectLike(_ fields: String, name: String = "") -> Shape {
    map(
      fields
        + "name text; bucket text; nuid text; size size; chunks int; digest text; mtime time: when it was put; "
        + "description text?; headers map?; deleted bool?",
      Field("options", map("max_chunk_size size"), optional: true), name: name)
  }

  // MARK: Servers

  private static let place = "server text; cluster text; "
  private static let throughput = "; in_msgs int; out_msgs int; in_bytes size; out_bytes size; subscriptions int"
  private static let traffic = map("msgs int; bytes size")
  private static let requests = Field("api", map("total int; errors int", open: true))

  static let server = map(
    "name text; host text; id text; cluster text; domain text?; ver text: its version; tags [text]?; "
      + "jetstream bool; time time: by its clock; rtt duration", Field("statsz", statistics, "its statistics"),
    name: "a server", open: true)

  private static let statistics = map(
    "start time; mem size; cores int; cpu float: percent of one; connections int; total_connections int; "
      + "active_accounts int; subscriptions int; slow_consumers int; routes [map]; gateways [map]; "
      + "active_servers int?; jetstream map?", Field("sent", traffic), Field("received", traffic), open: true)

  static let variables = map(
    "server_id text; server_name text; version text; host text; port int; max_connections int; "
      + "ping_interval duration; max_control_line size; max_payload size; max_pending size; "
      + "auth_timeout duration; tls_timeout duration; write_deadline duration; start time; now time; "
      + "uptime duration; mem size; cores int; cpu float; connections int; total_connections int; routes int; "
      + "remotes int; leafnodes int; slow_consumers int; config_load_time time" + throughput,
    name: "a server's variables", open: true)

  static let metaGroup = map(
    "name text; leader text; peer text; cluster_size int",
    Field("replicas", .list(replica), "those who follow, told by the leader", optional: true), open: true)

  static let connectionRow = map(
    place
      + "cid int; name text?; ip text; port int; account text; start time; last_activity time; rtt duration; "
      + "uptime duration; idle duration; pending_bytes size" + throughput, open: true)

  static let accountRow = map("account text; connections int" + throughput)

  static let jetStreamRow = map(
    place + "name text; now time; streams int; consumers int; messages int; bytes size; memory size; storage size",
    requests, Field("meta_cluster", metaGroup, optional: true), open: true)

  static let gatewayRow = map(
    place
      + "kind text: outbound or inbound; name text: the other cluster; configured bool; ip text; port int; "
      + "rtt duration; uptime duration", open: true)

  static let routeRow = map(
    place + "remote_name text; ip text; port int; rtt duration; uptime duration; pending_size size" + throughput,
    open: true)

  static let ping = map("name text; cluster text; id text; rtt duration")
  static let roundTrip = map("server text: its name, null if it can't be reached; url text; rtt duration: likewise")
  static let connection = map(
    "server text: its name; url text; connect duration: how long connecting took; "
      + "rtt duration: a round trip; request duration: a message to oneself")

  // MARK: Accounts

  static let accountUse = map(
    "memory size; storage size; reserved_memory size?; reserved_storage size?; streams int; consumers int",
    Field("limits", limits), requests, name: "what an account uses", open: true)

  private static let limits = map(
    "max_memory size: -1: no bound; max_storage size; max_streams int; max_consumers int; "
      + "max_ack_pending int; memory_max_stream_bytes size; storage_max_stream_bytes size; "
      + "max_bytes_required bool", open: true)

  static let account = map(
    place
      + "version text; url text; client_id int?; max_payload size; rtt duration; user text?; account text?; "
      + "permissions map?; expires duration?", Field("jetstream", accountUse, "null without JetStream"))

  static let context = map(
    "name text; description text; server text: its servers, without logins; user text; selected bool; "
      + "ours bool: whether nbx has saved it; cluster text: the region that it is of, null if none is known",
    name: "a context")

  static let key = "public text; seed text?: secret"
  static let identity = map("name text; jwt text; " + key)
  static let user = map("name text; jwt text; \(key); creds text?: secret, the text that --creds takes")
  static let claims = map(
    "jti text; iat time; exp time?; iss text; name text?; sub text; nats map", open: true)

  // MARK: Measures

  private static let quantiles = map(
    "min duration; p50 duration; p90 duration; p99 duration; p999 duration; max duration")

  static let bench = map(
    "clients int; msgs int; bytes size; duration duration; rate int: messages a second; "
      + "throughput size: bytes a second; dropped int?: how many found no room",
    Field("latency", quantiles, optional: true))

  static let herd = map(
    "clients int; connected duration: how long it took until all were; losses int: of connections; "
      + "back int: how often one came back; lost int: how many have no server at the end; "
      + "refusals int: attempts that failed after a loss",
    Field("latency", quantiles, "how long each was without a server; null if none came back"),
    Field("places", .anyMap, "how many are in each cluster at the end"))

  private static let outcomes = "intended int; sent int: acknowledged in time; late int; refused int"

  /// What a bench gives that holds a rate.
  static let rated = map(
    "clients int; rate int: how many a second were intended; start time; duration duration: of the schedule; "
      + "wait duration: what took longer is late; processor duration: what nbx itself used of it; \(outcomes); "
      + "errors map: how many were late or refused for each reason, by the kinds of failures",
    Field("latency", quantiles, "of all that were sent or late, from the moment at which they were due"),
    Field(
      "gap", map("length duration; at duration: since the start"),
      "the longest time without an acknowledgement, null if none came"),
    Field("histogram", .list(map("upto duration; count int")), "the same latencies, counted in steps"),
    Field(
      "series",
      .list(
        map(
          "at duration: since the start; \(outcomes); slowest duration: null if none was sent; "
            + "acknowledged int: how many acknowledgements came then")),
      "what was due in each 100 ms, and what came"), name: "what became of a rated load")

  static let latency = map(
    "from text; to text; subject text; stream text?; msgs int; received int; acknowledged int?: with --stream",
    Field("latency", quantiles, "null if nothing came"),
    Field("acknowledgement", quantiles, "with --stream: how long the stream's word took", optional: true))

  // MARK: Histories

  static let history = map(
    "workload text: stream, kv or queue; name text: the stream; operations int; ok int; refused int; unknown int; "
      + "duration duration; rate int: operations a second; processor duration: what nbx itself used of it; "
      + "clients [text]; "
      + "replicas [text]: those that were read in the end; "
      + "file text?: with --save; lines text?: the history itself, without --save", name: "a history")

  static let judgement = map(
    "name text: of which promise; verdict text: holds, broken or undecided; "
      + "says text: what was looked at, and what was seen",
    Field("proof", .list(operation), "the least that shows it"), name: "a verdict")

  private static let operation = map(
    "client text; region text; begin duration: from the recording's start; end duration?; op text; "
      + "key text; value text?; "
      + "expected int?; sequence int?; deliveries int?; by text?: the server, or the replica; "
      + "told text: ok, refused or unknown; why text?", name: "an operation")

  /// What servers answer.
  static let ofServers: [Shape] = [
    stream, consumer, pause, storedMessage, server, variables, connectionRow, jetStreamRow, gatewayRow, routeRow,
    accountUse, account,
  ]
}
