import Interpreter

/// What the forms of `nats` give. Which of a server's numbers are times, durations and sizes is told here, too.
enum Gives {
  // MARK: Streams

  static let stream = Shape.map("a stream", streamInfo)

  private static let streamInfo = [
    Field("config", ConfigurationKeys.stream.shape, "how it is set up"), Field("created", .time),
    Field("ts", .time, "when this was so", optional: true),
    Field("did_create", .bool, "whether this call made it", optional: true),
    Field(
      "state",
      .map(
        "",
        [
          Field("messages", .int, "how many it holds"), Field("bytes", .size), Field("first_seq", .int),
          Field("first_ts", .time, "null if there was none"), Field("last_seq", .int), Field("last_ts", .time),
          Field("num_subjects", .int, optional: true), Field("subjects", .anyMap, optional: true),
          Field("num_deleted", .int, "how many went in between", optional: true),
          Field("deleted", .list(.int), optional: true),
          Field("lost", .map("", open: true, [Field("msgs", .list(.int), optional: true)]), optional: true),
          Field("consumer_count", .int),
        ])),
    cluster,
    Field("mirror", origin, "the stream that it is a copy of", optional: true),
    Field("sources", .list(origin), "those that it takes messages from", optional: true),
    Field(
      "alternates", .list(.map("", open: true, [Field("name", .text), Field("cluster", .text, optional: true)])),
      "its mirrors, the nearest first", optional: true), Field("domain", .text, optional: true),
  ]

  private static let replica = Shape.map(
    "",
    [
      Field("name", .text, "its server"), Field("current", .bool, "whether it knows all that the leader does"),
      Field("offline", .bool, optional: true), Field("observer", .bool, optional: true),
      Field("active", .duration, "since it was heard of", optional: true),
      Field("lag", .int, "how many operations it is behind", optional: true), Field("peer", .text, optional: true),
      Field("leader", .bool, "in reports: whether it leads", optional: true),
    ])

  private static let cluster = Field(
    "cluster",
    .map(
      "", open: true,
      [
        Field("name", .text, optional: true), Field("leader", .text, "the server that leads", optional: true),
        Field("replicas", .list(replica), "the others", optional: true),
      ]), "where it lies", optional: true)

  private static let origin = Shape.map(
    "", open: true,
    [
      Field("name", .text), Field("lag", .int, "how many messages it is behind"),
      Field("active", .duration, "since it was heard of; null: never"),
    ])

  private static func row(_ fields: [Field]) -> Shape {
    .map(
      "",
      fields + [
        Field("leader", .text, "null: it lies on one server without a group"),
        Field("replicas", .list(replica), "the leader and the others"),
      ])
  }

  static let streamRow = row([
    Field("name", .text), Field("storage", .text), Field("cluster", .text), Field("placement", .anyMap),
    Field("consumers", .int), Field("messages", .int), Field("bytes", .size), Field("lost", .int),
    Field("deleted", .int),
  ])

  static let leaderMove = Shape.map(
    "", [Field("leader", .text, "the server that leads now"), Field("previous", .text, "the one that led before")])

  // MARK: Consumers

  private static func sequences(_ name: String, _ help: String) -> Field {
    let fields = [
      Field("consumer_seq", .int), Field("stream_seq", .int), Field("last_active", .time, optional: true),
    ]
    return Field(name, .map("", fields), help)
  }

  static let consumer = Shape.map(
    "a consumer",
    [
      Field("stream_name", .text), Field("name", .text), Field("created", .time),
      Field("config", ConfigurationKeys.consumer.shape, "how it is set up"),
      sequences("delivered", "up to where it has handed out"),
      sequences("ack_floor", "up to where all is acknowledged"),
      Field("num_ack_pending", .int, "how many are handed out and not acknowledged"),
      Field("num_redelivered", .int, "how many of these more than once"), Field("num_waiting", .int, "how many ask"),
      Field("num_pending", .int, "how many it has not handed out yet"), cluster,
      Field("push_bound", .bool, optional: true), Field("paused", .bool, optional: true),
      Field("pause_remaining", .duration, optional: true), Field("ts", .time, "when this was so", optional: true),
      Field("priority_groups", .list(.anyMap), optional: true),
    ])

  static let consumerRow = row([
    Field("name", .text), Field("mode", .text, "pull or push"), Field("ack_policy", .text),
    Field("ack_wait", .duration),
    Field("num_ack_pending", .int), Field("num_redelivered", .int), Field("num_pending", .int),
    Field("ack_floor", .int, "the sequence up to which all is acknowledged"),
  ])

  static let pause = Shape.map(
    "",
    [
      Field("paused", .bool), Field("pause_until", .time), Field("pause_remaining", .duration, optional: true),
    ])

  // MARK: Messages

  static let data = [
    Field("data", .text, "its body; in Base64 if that is no text"),
    Field("encoding", .text, "base64, where data is", optional: true),
  ]
  private static let headers = Field("headers", .anyMap, "by name; one that comes more than once is a list")
  private static let content = [Field("subject", .text)] + data + [headers]

  static let message = Shape.map(
    "a message", content + [Field("reply", .text, "where an answer is to go", optional: true)])

  static let storedMessage = Shape.map("", content + [Field("seq", .int), Field("time", .time)])

  static let verdict = [
    Field("acknowledged", .bool), Field("reply", .text, "by which `consumer ack` knows it"),
    Field("problem", .text, "why the consumer took no note", optional: true),
  ]

  static let handedOut = Shape.map(
    "",
    content + [
      Field("seq", .int, "its place in the stream"), Field("time", .time),
      Field("delivered", .int, "how often it was handed out"), Field("pending", .int, "how many are left"),
    ] + verdict)

  static let stored = Shape.map(
    "",
    [
      Field("stream", .text), Field("seq", .int, "the last message's place"),
      Field("duplicate", .bool, "whether the stream had it already"), Field("domain", .text, optional: true),
      Field("count", .int, "with --count", optional: true),
    ])

  // MARK: Buckets

  private static let bucketFields = [
    Field("bucket", .text), Field("description", .text), Field("bytes", .size), Field("ttl", .duration),
    Field("storage", .text), Field("replicas", .int), Field("stream", .text, "the stream that it is"),
  ]

  static let bucket = Shape.map(
    "a bucket", bucketFields + [Field("values", .int), Field("history", .int)] + streamInfo)

  static let store = Shape.map("an object store", bucketFields + [Field("sealed", .bool)] + streamInfo)

  static let entry = Shape.map(
    "an entry",
    [
      Field("bucket", .text), Field("key", .text),
      Field("value", .text, "in Base64 if it is no text", optional: true),
      Field("encoding", .text, "base64, where the value is", optional: true), Field("revision", .int),
      Field("created", .time), Field("operation", .text, "PUT, DEL or PURGE"),
      Field("delta", .int, "how many came after it", optional: true),
    ])

  static let written = Shape.map("", [Field("bucket", .text), Field("key", .text), Field("revision", .int)])

  static let object = [
    Field("name", .text), Field("bucket", .text), Field("nuid", .text), Field("size", .size), Field("chunks", .int),
    Field("digest", .text), Field("mtime", .time, "when it was put"), Field("description", .text, optional: true),
    Field("headers", .anyMap, optional: true),
    Field("options", .map("", [Field("max_chunk_size", .size)]), optional: true),
    Field("deleted", .bool, optional: true),
  ]

  // MARK: Servers

  private static let traffic = Shape.map("", [Field("msgs", .int), Field("bytes", .size)])
  private static let place = [Field("server", .text), Field("cluster", .text)]
  private static let throughput = [
    Field("in_msgs", .int), Field("out_msgs", .int), Field("in_bytes", .size), Field("out_bytes", .size),
    Field("subscriptions", .int),
  ]

  static let server = Shape.map(
    "a server", open: true,
    [
      Field("name", .text), Field("host", .text), Field("id", .text), Field("cluster", .text),
      Field("domain", .text, optional: true), Field("ver", .text, "its version"),
      Field("tags", .list(.text), optional: true), Field("jetstream", .bool), Field("time", .time, "by its clock"),
      Field("rtt", .duration),
      Field(
        "statsz",
        .map(
          "", open: true,
          [
            Field("start", .time), Field("mem", .size), Field("cores", .int), Field("cpu", .float, "percent of one"),
            Field("connections", .int), Field("total_connections", .int), Field("active_accounts", .int),
            Field("subscriptions", .int), Field("sent", traffic), Field("received", traffic),
            Field("slow_consumers", .int), Field("routes", .list(.anyMap)), Field("gateways", .list(.anyMap)),
            Field("active_servers", .int, optional: true), Field("jetstream", .anyMap, optional: true),
          ]), "its statistics"),
    ])

  static let variables = Shape.map(
    "a server's variables", open: true,
    [
      Field("server_id", .text), Field("server_name", .text), Field("version", .text), Field("host", .text),
      Field("port", .int), Field("max_connections", .int), Field("ping_interval", .duration),
      Field("max_control_line", .size), Field("max_payload", .size), Field("max_pending", .size),
      Field("auth_timeout", .duration), Field("tls_timeout", .duration), Field("write_deadline", .duration),
      Field("start", .time), Field("now", .time), Field("uptime", .duration), Field("mem", .size),
      Field("cores", .int), Field("cpu", .float), Field("connections", .int), Field("total_connections", .int),
      Field("routes", .int), Field("remotes", .int), Field("leafnodes", .int), Field("slow_consumers", .int),
      Field("config_load_time", .time),
    ] + throughput)

  static let metaGroup = Shape.map(
    "", open: true,
    [
      Field("name", .text), Field("leader", .text), Field("peer", .text), Field("replicas", .list(replica)),
      Field("cluster_size", .int),
    ])

  static let connectionRow = Shape.map(
    "", open: true,
    place + [
      Field("cid", .int), Field("name", .text, optional: true), Field("ip", .text), Field("port", .int),
      Field("account", .text), Field("start", .time), Field("last_activity", .time), Field("rtt", .duration),
      Field("uptime", .duration), Field("idle", .duration), Field("pending_bytes", .size),
    ] + throughput)

  static let accountRow = Shape.map("", [Field("account", .text), Field("connections", .int)] + throughput)

  static let jetStreamRow = Shape.map(
    "", open: true,
    place + [
      Field("name", .text), Field("now", .time), Field("streams", .int), Field("consumers", .int),
      Field("messages", .int), Field("bytes", .size), Field("memory", .size), Field("storage", .size),
      Field("api", .map("", open: true, [Field("total", .int), Field("errors", .int)])),
      Field("meta_cluster", metaGroup, optional: true),
    ])

  static let gatewayRow = Shape.map(
    "", open: true,
    place + [
      Field("kind", .text, "outbound or inbound"), Field("name", .text, "the other cluster"),
      Field("configured", .bool), Field("ip", .text), Field("port", .int), Field("rtt", .duration),
      Field("uptime", .duration),
    ])

  static let routeRow = Shape.map(
    "", open: true,
    place + [
      Field("remote_name", .text), Field("ip", .text), Field("port", .int), Field("rtt", .duration),
      Field("uptime", .duration), Field("pending_size", .size),
    ] + throughput)

  // MARK: Accounts

  static let accountUse = Shape.map(
    "what an account uses", open: true,
    [
      Field("memory", .size), Field("storage", .size), Field("reserved_memory", .size, optional: true),
      Field("reserved_storage", .size, optional: true), Field("streams", .int), Field("consumers", .int),
      Field(
        "limits",
        .map(
          "", open: true,
          [
            Field("max_memory", .size, "-1: no bound"), Field("max_storage", .size), Field("max_streams", .int),
            Field("max_consumers", .int), Field("max_ack_pending", .int), Field("memory_max_stream_bytes", .size),
            Field("storage_max_stream_bytes", .size), Field("max_bytes_required", .bool),
          ])), Field("api", .map("", open: true, [Field("total", .int), Field("errors", .int)])),
    ])

  static let account = Shape.map(
    "",
    place + [
      Field("version", .text), Field("url", .text), Field("client_id", .int, optional: true),
      Field("max_payload", .size), Field("rtt", .duration), Field("user", .text, optional: true),
      Field("account", .text, optional: true), Field("permissions", .anyMap, optional: true),
      Field("expires", .duration, optional: true), Field("jetstream", accountUse, "null without JetStream"),
    ])

  static let context = Shape.map(
    "a context",
    [
      Field("name", .text), Field("description", .text), Field("server", .text, "its servers, without logins"),
      Field("user", .text), Field("selected", .bool), Field("ours", .bool, "whether nbx has saved it"),
      Field("cluster", .text, "the region that it is of; null if none is known"),
    ])

  static let key = [Field("public", .text), Field("seed", .text, "secret", optional: true)]
  private static let token = [Field("name", .text)] + key + [Field("jwt", .text)]
  static let identity = Shape.map("", token)
  static let user = Shape.map(
    "", token + [Field("creds", .text, "secret: the text that --creds takes", optional: true)])
  static let claims = Shape.map(
    "", open: true,
    [
      Field("jti", .text), Field("iat", .time), Field("exp", .time, optional: true), Field("iss", .text),
      Field("name", .text, optional: true), Field("sub", .text), Field("nats", .anyMap),
    ])

  // MARK: Measures

  private static let quantiles = Shape.map(
    "",
    ["min", "p50", "p90", "p99", "p999", "max"].map { Field($0, .duration) })

  static let bench = Shape.map(
    "",
    [
      Field("clients", .int), Field("msgs", .int), Field("bytes", .size), Field("duration", .duration),
      Field("rate", .int, "messages a second"), Field("throughput", .size, "bytes a second"),
      Field("latency", quantiles, optional: true),
      Field("dropped", .int, "how many found no room", optional: true),
    ])

  static let latency = Shape.map(
    "",
    [
      Field("from", .text), Field("to", .text), Field("subject", .text), Field("stream", .text, optional: true),
      Field("msgs", .int), Field("received", .int), Field("latency", quantiles, "null if nothing came"),
      Field("acknowledged", .int, "with --stream", optional: true),
      Field("acknowledgement", quantiles, "with --stream: how long the stream's word took", optional: true),
    ])

  /// What servers answer.
  static let ofServers: [Shape] = [
    stream, consumer, pause, storedMessage, server, variables, connectionRow, jetStreamRow, gatewayRow, routeRow,
    accountUse, account,
  ]
}
