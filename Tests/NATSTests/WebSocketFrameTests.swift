import TestSupport
import Testing

@testable import NATS

@Suite(.mayWait) struct WebSocketFrameTests {
  /// What is left of bytes that come in pieces of `size`.
  private func read(_ bytes: [UInt8], in size: Int) throws -> (payload: [UInt8], controls: [WebSocketReader.Control]) {
    var reader = WebSocketReader()
    var payload: [UInt8] = []
    var controls: [WebSocketReader.Control] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
      var piece = Array(bytes[start..<min(start + size, bytes.count)])
      let found = try piece.withUnsafeMutableBytes { try reader.unwrap($0) }
      payload += piece[..<found.payload]
      controls += found.controls
    }
    return (payload, controls)
  }

  /// A frame as servers send it.
  private func frame(_ operation: UInt8, _ payload: [UInt8], isLast: Bool = true) -> [UInt8] {
    var frame = [operation | (isLast ? 0x80 : 0)]
    switch payload.count {
    case ..<126: frame.append(UInt8(payload.count))
    case ..<65_536: frame += [126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
    default: frame += [127] + (0..<8).reversed().map { UInt8(payload.count >> ($0 * 8) & 255) }
    }
    return frame + payload
  }

  @Test(arguments: [1, 2, 3, 7, 100, 1 << 20])
  func framesOfEverySizeInPiecesOfEverySize(_ size: Int) throws {
    let sizes = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000]
    let payloads = sizes.map { count in (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 13) } }
    let bytes = payloads.flatMap { frame(2, $0) }
    #expect(try read(bytes, in: size).payload == payloads.flatMap { $0 })
  }

  @Test(arguments: [1, 2, 5, 1000])
  func controlFramesComeBetweenTheParts(_ size: Int) throws {
    let bytes =
      frame(2, Array("PI".utf8), isLast: false) + frame(9, Array("you there?".utf8))
      + frame(0, Array("NG\r".utf8), isLast: false)
      + frame(10, []) + frame(0, Array("\n".utf8)) + frame(8, [0x03, 0xe8])
    let (payload, controls) = try read(bytes, in: size)
    #expect(payload == Array("PING\r\n".utf8))
    #expect(controls.map(\.operation) == [.ping, .pong, .close])
    #expect(controls[0].payload == Array("you there?".utf8) && controls[2].payload == [0x03, 0xe8])
  }

  @Test(arguments: [
    ([0xc2, 0x00] as [UInt8], "extension"), ([0x82, 0x80], "masked"), ([0x83, 0x00], "kind is 3"),
    ([0x81, 0x01], "text"),
    ([0x80, 0x00], "never began"), ([0x02, 0x00, 0x82, 0x00], "within another"), ([0x09, 0x00], "control"),
    ([0x89, 126, 0, 126], "control"), ([0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255], "announces"),
    ([0x82, 127, 0, 0, 255, 255, 255, 255, 255, 255], "announces"),
  ])
  func whatBreaksTheProtocolIsSaid(_ bytes: [UInt8], _ words: String) throws {
    do {
      _ = try read(bytes, in: bytes.count)
      Issue.record("nothing was said of \(bytes)")
    } catch let problem as WebSocketProblem {
      #expect(problem.text.contains(words), "\(problem.text)")
    }
  }

  @Test(arguments: [0, 1, 3, 4, 7, 8, 9, 125, 126, 65_535, 65_536])
  func whatAClientSendsIsMasked(_ count: Int) {
    let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let frames = (0..<4).map { _ in payload.withUnsafeBytes { WebSocketFrame.masked(.binary, $0) } }
    for frame in frames {
      #expect(frame[0] == 0x82 && frame[1] & 0x80 != 0)
      let head = count < 126 ? 2 : count < 65_536 ? 4 : 10
      let mask = frame[head..<head + 4]
      #expect(frame[(head + 4)...].enumerated().map { $0.element ^ Array(mask)[$0.offset % 4] } == payload)
    }
    #expect(Set(frames).count > 1, "each frame has a mask of its own")
  }

  @Test func theServersProofIsChecked() {
    // RFC 6455, section 1.3; RFC 3174 for the digest.
    #expect(WebSocketHandshake.accepted("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    func digest(_ text: String) -> String {
      SHA1.digest(of: Array(text.utf8)).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
    #expect(digest("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d")
    #expect(digest("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
    #expect(digest(String(repeating: "a", count: 1000)) == "291e9a6c66994949b57ba5e650361e98fc36b1ba")
  }
}
