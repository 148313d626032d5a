import Foundation
import TestSupport
import Testing

@testable import NATS

@Suite(.serialized, .mayWait) struct PublishWindowTests {
  private var limit: Limit { .within(patience) }

  private func stream(_ configuration: String, _ connection: Connection) throws -> JetStream {
    let jetStream = JetStream(connection)
    _ = try jetStream.requestWhenReady("STREAM.CREATE.W", Array(configuration.utf8), limit: limit)
    return jetStream
  }

  @Test(arguments: [
    (#"{"stream":"S","seq":7}"#, "S 7 false -"), (#"{"stream":"S", "seq":7, "duplicate": true}"#, "S 7 true -"),
    (#" { "domain" : "hub" , "seq" : 9223372036854775807 , "stream" : "ü" } "#, "ü 9223372036854775807 false hub"),
  ])
  func plainAcknowledgementsAreReadWithoutADecoder(json: String, read: String) throws {
    let word = try #require(PublishAcknowledgement(plain: Array(json.utf8)))
    #expect("\(word.stream) \(word.sequence) \(word.isDuplicate) \(word.domain ?? "-")" == read)
  }

  @Test(arguments: [
    "", "{", "{}", "null", #"{"stream":"S"}"#, #"{"seq":7}"#, #"{"stream":"S","seq":7"#, #"{"stream":"S","seq":7}x"#,
    #"{"stream":"S","seq":-7}"#, #"{"stream":"S","seq":7.0}"#, #"{"stream":"S","seq":18446744073709551616}"#,
    #"{"stream":"a\"b","seq":7}"#, #"{"stream":"S","seq":"7"}"#, #"{"stream":"S","seq":7,"more":{}}"#,
    #"{"error":{"code":400},"stream":"S","seq":0}"#, #"{"stream":"S","seq":7,}"#,
    #"{"stream":"S","seq":7,"duplicate":tru}"#,
  ])
  func whatIsUnusualIsLeftToADecoder(json: String) {
    #expect(PublishAcknowledgement(plain: Array(json.utf8)) == nil)
  }

  @Test func everyMessageIsAcknowledgedOnceHoweverSmallTheWindow() throws {
    let connection = try Connection.connect(.init(urls: TestAccount().url()), limit: limit)
    defer { connection.close() }
    let jetStream = try stream(#"{"name":"W","subjects":["w"],"storage":"memory"}"#, connection)
    for (inFlight, repetition) in [(1, PublishWindow.Repetition.never), (7, .identified), (5000, .never)] {
      var sequences: [Int: UInt64] = [:]
      let window = try PublishWindow(
        jetStream, inFlight: inFlight, repetition: repetition, tryFor: patience, limit: limit
      ) { word in
        #expect(sequences.updateValue(word.acknowledgement.sequence, forKey: word.number) == nil)
        #expect(word.took > .zero)
      }
      for number in 0..<1000 { try window.publish("w", Array("\(number)".utf8)) }
      try window.finish()
      #expect(sequences.count == 1000)
      let first = try #require(sequences[0])
      #expect(sequences[999] == first + 999)
    }
  }

  @Test func whatAStreamRefusesIsThrown() throws {
    let connection = try Connection.connect(.init(urls: TestAccount().url()), limit: limit)
    defer { connection.close() }
    let jetStream = try stream(#"{"name":"W","subjects":["w"],"max_msg_size":10}"#, connection)
    let error = #expect(throws: NATSError.self) {
      let window = try PublishWindow(jetStream, inFlight: 10, limit: limit)
      try window.publish("w", Array(repeating: 0, count: 5))
      try window.publish("w", Array(repeating: 0, count: 100))
      try window.finish()
    }
    guard case .api(let refusal) = error else { throw Unexpected(what: error) }
    #expect(refusal.errorCode == 10054)

    let nobody = #expect(throws: NATSError.self) {
      let window = try PublishWindow(
        jetStream, inFlight: 10, repetition: .never, tryFor: .milliseconds(100), limit: limit)
      try window.publish("nowhere", [])
      try window.finish()
    }
    guard case .noResponders(_, "nowhere") = nobody else { throw Unexpected(what: nobody) }
  }

  @Test func nothingIsLostOrStoredTwiceWhenTheServerCrashes() throws {
    let server = try withFreePorts(1) { try TestServer(port: $0[0]) }
    defer { server.stop() }
    let connection = try Connection.connect(.init(urls: server.url()), limit: limit)
    defer { connection.close() }
    let jetStream = try stream(#"{"name":"W","subjects":["w"]}"#, connection)
    var acknowledged: Set<Int> = []
    let window = try PublishWindow(jetStream, inFlight: 100, limit: limit) { acknowledged.insert($0.number) }
    for number in 0..<3000 {
      if number == 1500 {
        server.crash()
        try server.restart()
      }
      try window.publish("w", Array("\(number)".utf8))
    }
    try window.finish()
    #expect(acknowledged == Set(0..<3000))
    let info = try jetStream.requestWhenReady("STREAM.INFO.W", limit: limit)
    #expect(try JSONTree(String(decoding: info, as: UTF8.self))["state", "messages"] == .number(3000))
  }

  @Test func aBatchIsAsLargeAsAskedForOrWhatIsThereAtTheEnd() throws {
    let connection = try Connection.connect(.init(urls: TestAccount().url()), limit: limit)
    defer { connection.close() }
    let subscription = try connection.subscribe("b")
    for number in 0..<30 { try connection.publish("b", Array("\(number)".utf8)) }
    let first = try subscription.nextBatch(atLeast: 20, limit: limit)
    #expect(first.count >= 20)
    try connection.flush(limit: limit)
    let rest = first.count < 30 ? try subscription.nextBatch(atLeast: 50, limit: .within(.milliseconds(50))) : []
    #expect((first + rest).map(\.text) == (0..<30).map { "\($0)" })
    #expect(throws: NATSError.self) { try subscription.nextBatch(limit: .within(.milliseconds(20))) }
    try connection.publish("b")
    #expect(try subscription.nextBatch(limit: limit).count == 1)
    subscription.unsubscribe()
    #expect(try subscription.nextBatch(atLeast: 2, limit: limit).isEmpty)
  }
}
