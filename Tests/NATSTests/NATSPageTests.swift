import Foundation
import NATS
import Synchronization
import TestSupport
import Testing

/// `docs/nats.md`: its code is compiled as `NATSPage.swift`, and does what the page says on a real server.
@Suite(.mayWait) struct NATSPageTests {
  @Test func `the page shows the code that is compiled`() throws {
    let here = URL(filePath: #filePath).deletingLastPathComponent()
    let page = try String(contentsOf: here.appending(path: "../../docs/nats.md").standardized, encoding: .utf8)
    let blocks = page.components(separatedBy: "```swift\n").dropFirst().compactMap {
      $0.components(separatedBy: "```").first
    }
    let code = try String(contentsOf: here.appending(path: "NATSPage.swift"), encoding: .utf8)
    #expect(blocks.joined(separator: "\n") == code)
  }

  @Test func `a price is answered by whoever sells, and by nobody else`() throws {
    let account = try TestAccount()
    let shop = try Shop(urls: account.url())
    let customer = try Shop(urls: account.url())
    defer {
      shop.connection.close()
      customer.connection.close()
    }
    #expect(try customer.price(of: "lamp") == nil)
    let seller = Thread { try? shop.answerPrices(["lamp": "12"], patience: patience) }
    seller.start()
    try eventually(is: "12") { try customer.price(of: "lamp") }
    #expect(try customer.price(of: "sofa") == "unknown")
  }

  @Test func `an order that is sent twice is kept and packed once`() throws {
    let shop = try Shop(urls: TestAccount().url())
    defer { shop.connection.close() }
    try shop.open()
    #expect(try shop.order("lamp", number: 7) == 1)
    #expect(try shop.order("lamp", number: 7) == 1)
    #expect(try shop.order("sofa", number: 8) == 2)
    #expect(try shop.pack(2) == ["orders.lamp", "orders.sofa"])
    #expect(try shop.pack(1).isEmpty)
  }

  @Test func `what many take at once is taken once each`() throws {
    let shop = try Shop(urls: TestAccount().url())
    defer { shop.connection.close() }
    let limit = WaitLimit.within(patience)
    let bucket = #"{"name":"KV_stock","subjects":["$KV.stock.>"],"max_msgs_per_subject":1,"allow_rollup_hdrs":true}"#
    _ = try shop.jetStream.requestWhenReady("STREAM.CREATE.KV_stock", Array(bucket.utf8), limit: limit)
    let stock = try KeyValue(shop.jetStream, bucket: "stock")
    try stock.put("lamp", Array("100".utf8), limit: limit)
    let taken = Mutex(0)
    DispatchQueue.concurrentPerform(iterations: 32) { _ in
      if (try? shop.take("lamp", from: stock)) == true { taken.withLock { $0 += 1 } }
    }
    let left = try #require(try stock.get("lamp", limit: limit)).value
    #expect(taken.withLock { $0 } > 0)
    #expect(String(decoding: left, as: UTF8.self) == "\(100 - taken.withLock { $0 })")
    #expect(try !shop.take("sofa", from: stock))
  }
}
