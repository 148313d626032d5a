/// What nats-server reads, from 2.10 to 2.14.
extension ConfigurationKeys {
  static let stream = ConfigurationKeys(
    "a stream's configuration",
    [
      "name", "description", "subjects", "retention", "storage", "discard", "discard_new_per_subject", "num_replicas",
      "compression", "max_msgs", "max_msgs_per_subject", "max_consumers", "first_seq", "no_ack", "allow_direct",
      "mirror_direct", "allow_rollup_hdrs", "allow_msg_ttl", "allow_msg_counter", "allow_msg_schedules", "allow_atomic",
      "allow_batched", "deny_delete", "deny_purge", "sealed", "persist_mode", "template_owner",
    ],
    [
      ("max_age", .duration), ("duplicate_window", .duration), ("subject_delete_marker_ttl", .duration),
      ("max_bytes", .size), ("max_msg_size", .size), ("mirror", .map(origin)), ("sources", .map(origin)),
      ("placement", .map(ConfigurationKeys("`placement`", ["cluster", "tags", "preferred"]))),
      ("subject_transform", .map(transform)),
      ("republish", .map(ConfigurationKeys("`republish`", ["src", "dest", "headers_only"]))),
      ("consumer_limits", .map(consumerLimits)), ("metadata", .any),
    ], sentTo: "$JS.API.STREAM.CREATE.NAME")

  static let consumer = ConfigurationKeys(
    "a consumer's configuration",
    [
      "name", "durable_name", "description", "filter_subject", "filter_subjects", "deliver_policy", "opt_start_seq",
      "ack_policy", "max_deliver", "max_ack_pending", "max_waiting", "max_batch", "replay_policy", "rate_limit_bps",
      "sample_freq", "headers_only", "deliver_subject", "deliver_group", "flow_control", "num_replicas", "mem_storage",
      "priority_groups", "priority_policy", "direct", "sourcing",
    ],
    [
      ("ack_wait", .duration), ("backoff", .duration), ("inactive_threshold", .duration), ("max_expires", .duration),
      ("idle_heartbeat", .duration), ("priority_timeout", .duration), ("max_bytes", .size), ("opt_start_time", .time),
      ("pause_until", .time), ("metadata", .any),
    ], sentTo: "$JS.API.CONSUMER.CREATE.STREAM.NAME")

  /// What a stream is a copy of, or takes messages from. `start` and `filter` are nbx's own, for `opt_start_seq` or
  /// `opt_start_time`, and for `filter_subject`.
  static let origin = ConfigurationKeys(
    "a mirror or a source", ["name", "filter", "opt_start_seq", "filter_subject"],
    [
      ("start", .any), ("opt_start_time", .time), ("subject_transforms", .map(transform)),
      ("external", .map(ConfigurationKeys("`external`", ["api", "deliver"]))),
      ("consumer", .map(ConfigurationKeys("`consumer`", ["name", "deliver_subject"]))),
    ])

  /// What a stream has from its beginning though servers take another value and change nothing; with what to do instead.
  static let fixedInStreams = [
    "first_seq": "take away the messages before it: nats stream purge NAME --seq 100; or make the stream anew"
  ]

  /// The same of consumers.
  static let fixedInConsumers = [
    "mem_storage": "take it away and make it anew: nats consumer rm, nats consumer add"
  ]

  private static let transform = ConfigurationKeys("a change of subjects", ["src", "dest"])

  private static let consumerLimits = ConfigurationKeys(
    "`consumer_limits`", ["max_ack_pending"], [("inactive_threshold", .duration)])
}
