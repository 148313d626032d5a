import Interpreter
import TestSupport
import Testing

@testable import SandboxNats
@testable import SandboxSystem

@Suite(.mayWait) struct NatsReplyTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", Int64(0)),
    ("2026-11-22T12:00:34.84119457Z", 1_795_348_834_841_194_570),
    ("2026-11-22T14:00:34.841194570+02:00", 1_795_348_834_841_194_570),
    ("2024-02-29T23:59:59.9Z", 1_709_251_199_900_000_000),
    ("2000-03-01T00:00:00Z", 951_868_800_000_000_000),
    ("1969-12-31T23:59:59Z", -1_000_000_000),
  ])
  func timesAreRead(text: String, nanoseconds: Int64) {
    #expect(TimeValue(rfc3339: text)?.nanoseconds == nanoseconds)
  }

  @Test(arguments: [
    "", "2026", "2026-11-22", "2026-11-22T12:00:34", "2026-11-22 12:00:34Z", "2026-13-22T12:00:34Z",
    "2026-11-22T12:00:34.Z5", "0001-01-01T00:00:00Z", "9999-01-01T00:00:00Z", "２026-11-22T12:00:34Z",
    "2026-11-22T12:00:34+0200",
  ])
  func whatIsNoTimeIsNone(text: String) {
    #expect(TimeValue(rfc3339: text) == nil)
  }

  @Test func fieldsAreWhatTheirNamesSay() throws {
    let json = """
      {"max_age":60000000000,"max_bytes":-1,"bytes":1024,"backoff":[1000000000,2000000000],"created":"2026-11-22T12:00:34Z",
      "first_ts":"0001-01-01T00:00:00Z","last_ts":"soon","metadata":{"bytes":5},"subjects":{"time":3},"list":[{"mem":2048}]}
      """
    let value = NatsReply.value(try Value.json(Array(json.utf8)))
    #expect(
      value.shown() == """
        { max_age: 1m, max_bytes: -1, bytes: 1Ki, backoff: [1s, 2s], created: 2026-11-22T12:00:34.000Z, first_ts: null, \
        last_ts: "soon", metadata: { bytes: 5 }, subjects: { time: 3 }, list: [{ mem: 2Ki }] }
        """)
    #expect(
      String(decoding: NatsReply.document(["max_age": value["max_age"], "max_bytes": value["bytes"]]), as: UTF8.self)
        == #"{"max_age":60000000000,"max_bytes":1024}"#)
  }

  @Test(arguments: [
    (#"{"active":-1}"#, "{ active: null }"), (#"{"active":2000000000}"#, "{ active: 2s }"),
    (#"{"auth_timeout":2,"tls_timeout":0.5}"#, "{ auth_timeout: 2s, tls_timeout: 500ms }"),
    (#"{"max_control_line":4096}"#, "{ max_control_line: 4Ki }"),
    (#"{"reserved_memory":18446744073709551615}"#, "{ reserved_memory: null }"),
  ])
  func whatServersWriteInTheirOwnWayIsWhatItMeans(json: String, shown: String) throws {
    #expect(NatsReply.value(try Value.json(Array(json.utf8))).shown() == shown)
  }

  @Test(arguments: [
    (#""1.2345ms""#, "1.234ms"), (#""87.5µs""#, "87.5us"), (#""3h0m5s""#, "3h5s"), (#""1d2h3m4s""#, "1d2h3m4s"),
    (#""1y0d0h0m1s""#, "365d1s"), (#""0s""#, "0s"), (#""soon""#, #""soon""#), (#""""#, #""""#), ("1000", "1us"),
  ])
  func durationsAreReadAsGoWritesThem(json: String, shown: String) throws {
    #expect(NatsReply.value(try Value.json(Array("{\"rtt\":\(json)}".utf8)))["rtt"].shown() == shown)
  }

  @Test(arguments: [
    (Int64(0), "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (9_961_472, "9.5 MiB"), (18_874_368, "18 MiB"),
    (607_125_504, "579 MiB"), (2_147_483_648, "2.0 GiB"), (-1, "-1 B"),
  ])
  func sizesReadAsTheCLIWritesThem(bytes: Int64, text: String) {
    #expect(Figures.size(bytes) == text)
  }

  @Test(arguments: [(Int64(0), "0"), (999, "999"), (1000, "1,000"), (18972, "18,972"), (-1_234_567, "-1,234,567")])
  func thousandsAreGrouped(number: Int64, text: String) {
    #expect(Figures.grouped(number) == text)
  }
}
