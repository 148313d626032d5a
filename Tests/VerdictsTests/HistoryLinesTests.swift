import Testing

@testable import Verdicts

@Suite struct HistoryLinesTests {
  private static let history = History(
    .kv, "set \"tings\"",
    [
      Operation(
        .cas, client: "c1-0", region: "c1", begin: 9_007_199_254_740_993, end: 9_223_372_036_854_775_807,
        key: "k\u{7}é\\",
        value: "v", expected: 18_446_744_073_709_551_615, sequence: 18_446_744_073_709_551_614, deliveries: 2, by: "s1",
        told: .refused, why: "wrong\nrevision"),
      Operation(.read, client: "c2-1", region: "c2", begin: 3, key: "k", told: .unknown, why: "cut"),
    ])

  @Test func `what is written is read, to the last digit`() throws {
    #expect(try History(lines: Self.history.lines) == Self.history)
  }

  @Test func `a last line that was cut is left out`() throws {
    let bytes = Self.history.lines
    let text = String(decoding: bytes, as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    // The line that ends it is gone, and half of the last operation.
    let cut = lines.prefix(2).joined(separator: "\n") + "\n" + lines[2].prefix(20)
    let read = try History(lines: Array(cut.utf8))
    #expect(read.operations == [Self.history.operations[0]])
    #expect(!read.isWhole)
    #expect(read.verdicts().contains { $0.says.contains("did not come to its end") })
  }

  @Test func `every place where a history may be cut gives what was whole by then`() throws {
    let bytes = Self.history.lines
    let head = History.firstLine(.kv, Self.history.name).count
    for count in head...bytes.count {
      let read = try History(lines: Array(bytes.prefix(count)))
      #expect(read.operations.count <= 2)
      #expect(read.isWhole == (count >= bytes.count - 1))
    }
  }

  @Test func `what another program writes is read as well`() throws {
    let lines = #"""
      { "name" : "b\u0021\ud83d\ude00\/\n", "history":"queue", "more": null }

      {"op":"ack","told":"ok","client":"a","begin":-5,"other":true}
      """#
    let read = try History(lines: Array(lines.utf8))
    #expect(read == History(.queue, "b!😀/\n", [Operation(.ack, client: "a", begin: -5)], isWhole: false))
  }

  @Test(arguments: [
    ("{\"history\":\"stream\"}\n{\"op\":\"read\",\"client\":1}\n", 2, "\"client\" is no text"),
    ("{\"history\":\"stream\"}\n\n{\"op\":\"read\"}\n", 3, "an operation has a \"client\""),
    ("{\"history\":\"stream\"}\nhello\n", 2, "this is no JSON"),
    (
      "{\"history\":\"kv\"}\n{\"client\":\"a\",\"begin\":-9223372036854775808,\"op\":\"read\",\"told\":\"ok\"}\n", 2,
      "\"begin\" is no whole number of nanoseconds"
    ),
    ("{\"history\":\"kv\"}\n{\"sequence\":18446744073709551616}\n", 2, "more than 64 bits"),
    ("{\"history\":\"kv\"}\n{\"a\":[]}\n", 2, "this is no JSON"),
    (
      "{\"history\":\"stream\"}\n{\"client\":\"a\",\"begin\":1.5,\"op\":\"read\",\"key\":\"\",\"told\":\"ok\"}\n",
      2,
      "a number is not whole"
    ),
    (
      "{\"history\":\"stream\"}\n{\"client\":\"a\",\"begin\":1,\"op\":\"fly\",\"key\":\"\",\"told\":\"ok\"}\n",
      2,
      "\"op\" is one of write, read, cas, consume, ack, hold, scan, not fly"
    ),
    ("{\"history\":\"stream\"}\n{\"operations\":3}\n", 2, "it says that there are 3 operations, and there are 0"),
    ("{\"history\":\"stream\"}\n{\"operations\":0}\n{\"operations\":0}\n", 3, "something stands behind"),
    ("{\"recipe\":1}\n", 1, "no history begins so"), ("", 1, "no history begins so"),
  ]) func `an error names its line`(_ text: String, _ line: Int, _ reason: String) {
    do {
      _ = try History(lines: Array(text.utf8))
      Issue.record("it was read")
    } catch {
      #expect(error.line == line)
      #expect(error.reason.contains(reason), "\(error.reason)")
    }
  }
}
