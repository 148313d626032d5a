import Foundation
import Interpreter
import TestSupport
import Testing

/// `--config FILE` of streams and consumers.
@Suite(.serialized, .mayWait) struct ConfigurationFileTests {
  @Test func aStreamIsMadeOfWhatAnotherOnesInfoSays() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("stream", "add", "A", "--subjects", "a.>")
    let made = try nats.run(
      "stream", "add", "RT1", "--subjects", "rt.>", "--max-age", "1h", "--max-bytes", "64Mi", "--max-msg-size", "1Mi",
      "--subject-del-markers-ttl", "5s", "--limit-consumer-inactive", "2h", "--metadata", "max_age=tea", "--source",
      #"{"name":"A","opt_start_time":"2026-01-01T00:00:00Z"}"#)
    let configuration = made["config"]
    for (file, text) in [
      ("info.json", try nats.shown("stream", "info", "RT1", "--json")),
      ("written.json", configuration.json(indented: true).string),
      ("written-info.json", made.json().string),
    ] {
      let path = try nats.file(file, text)
      // The same once more is no change.
      let again = try nats.run("stream", "add", "RT1", "--config", path)
      #expect(again["created"].shown() == made["created"].shown(), "\(file)")
      #expect(again["config"].shown() == configuration.shown(), "\(file)")
      try nats.run("stream", "edit", "RT1", "--config", path, "--max-msgs", "7")
      let edited = try nats.run("stream", "edit", "RT1", "--config", path)
      #expect(edited["config"].shown() == configuration.shown(), "\(file)")
    }
    let own = try nats.file("own.json", #"{"subjects":["o"],"max_age":"90s","max_bytes":"2Mi","max_msg_size":1024}"#)
    let other = try nats.run("stream", "add", "OWN", "--config", own)
    #expect(other["config.max_age"].shown() == "1m30s")
    #expect(other["config.max_bytes"].shown() == "2Mi")
    #expect(other["config.max_msg_size"].shown() == "1Ki")
  }

  @Test func aConsumerIsMadeOfWhatAnotherOnesInfoSays() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("stream", "add", "O", "--subjects", "o.>")
    let made = try nats.run(
      "consumer", "add", "O", "c", "--backoff", "1s,5s", "--max-deliver", "3", "--inactive-threshold", "1h",
      "--max-pull-bytes", "1Mi", "--max-pull-expire", "30s", "--deliver", "2026-01-01T00:00:00Z", "--pause", "1h")
    let configuration = made["config"]
    for (file, text) in [
      ("info.json", try nats.shown("consumer", "info", "O", "c", "--json")),
      ("written.json", configuration.json().string),
    ] {
      let path = try nats.file(file, text)
      let copy = try nats.run("consumer", "add", "O", "of-\(file.prefix(4))", "--config", path)
      for key in ["backoff", "inactive_threshold", "max_bytes", "max_expires", "opt_start_time", "ack_wait"] {
        #expect(copy["config"][key].shown() == configuration[key].shown(), "\(file): \(key)")
      }
    }
    // The file is of c, the one to change is named.
    try nats.run("consumer", "add", "O", "d")
    let path = try nats.file("short.json", #"{"config":{"name":"c","durable_name":"c","max_deliver":9}}"#)
    #expect(try nats.run("consumer", "edit", "O", "d", "--config", path)["name"].string == "d")
    #expect(try nats.run("consumer", "info", "O", "d")["config.max_deliver"].shown() == "9")
    #expect(try nats.run("consumer", "info", "O", "c")["config.max_deliver"].shown() == "3")
  }

  @Test func whatIsNoConfigurationOfThatKindIsRefused() throws {
    // Nobody listens there: what travelled would be another failure.
    let nats = try NatsFixture(["c1": [1]])
    defer { nats.end() }
    let stream = #"{"name":"S","subjects":["s"],"max_age":0}"#
    let consumer = #"{"name":"c","ack_policy":"explicit"}"#
    for (words, text, reason, advice) in [
      (["consumer", "add", "S", "c"], stream, "a consumer's configuration has no `subjects`", "in a stream's"),
      (["stream", "add", "S"], consumer, "a stream's configuration has no `ack_policy`", "in a consumer's"),
      (["stream", "add", "S"], #"{"config":\#(consumer)}"#, "has no `ack_policy`", "in a consumer's"),
      (["stream", "add", "S"], #"{"url":"nats://a"}"#, "a stream's configuration has no `url`", "one of: name,"),
      (["stream", "add", "S"], #"{"max_age":"soon"}"#, "is a duration, not `soon`", "as 30s"),
      (["stream", "add", "S"], #"{"max_bytes":"much"}"#, "is a size, not `much`", "as 2Gi"),
      (["consumer", "add", "S", "c"], #"{"backoff":["1s","x"]}"#, "`backoff` of a consumer's", "as 30s"),
      (["consumer", "add", "S", "c"], #"{"pause_until":"1h"}"#, "is a time, not `1h`", "as 2026-"),
    ] {
      let path = try nats.file("file.json", text)
      let failure = try nats.failure(words + ["--config", path])
      #expect(failure.kind == .misused, "\(text): \(failure.reason.string)")
      #expect(failure.reason.string.hasPrefix("\(path): ") && failure.reason.string.contains(reason))
      #expect((failure.advice ?? "").contains(advice), "\(failure.advice ?? "no advice")")
    }
  }
}
