/// The frames around what a socket carries, both ways.
///
/// One thread reads. Of those that write, the connection lets one in at a time; answers to the server's pings come from the
/// reading thread, between two frames.
final class WebSocket: @unchecked Sendable {
  private var reader = WebSocketReader()
  /// What the server's close frame said: told once everything before it was read.
  private var ending: NATSError?

  private let lock = Lock()
  private var isSending = false
  /// Control frames that wait for the end of a frame.
  private var controls: [UInt8] = []
  /// What has not left yet of the frame on its way, and how many of the caller's bytes that carries.
  private let frame = ByteBuffer()
  private var framePayload = 0

  /// A frame carries at most so much; what is longer goes in several.
  private static let frameLimit = 64 << 10

  /// Unwraps what was read into `bytes`, and answers pings. Returns how many bytes of payload stand at its front now.
  func unwrap(_ bytes: UnsafeMutableRawBufferPointer, from socket: Socket) throws(NATSError) -> Int {
    if let ending { throw ending }
    let (count, controls): (Int, [WebSocketReader.Control])
    do {
      (count, controls) = try reader.unwrap(bytes)
    } catch {
      throw .protocolViolation(server: socket.server, .malformedFrame(detail: error.text))
    }
    for control in controls {
      switch control.operation {
      case .ping: answer(.pong, control.payload, on: socket)
      case .close:
        let code = control.payload.prefix(2).reduce(0) { $0 << 8 | Int($1) }
        ending = .connectionLost(
          server: socket.server, .closedWebSocket(code: code, text: shown(control.payload.dropFirst(2))))
        answer(.close, Array(control.payload.prefix(2)), on: socket)
        // Whoever waits for more to read wakes up, and is told why.
        socket.stop()
        return count
      default: break
      }
    }
    return count
  }

  /// As `Socket.send`: bytes are taken out by whole frames, and a frame that did not leave whole goes on with the next call,
  /// which brings the same bytes again.
  func send(
    _ buffer: ByteBuffer, on socket: Socket, _ activity: NATSError.Activity, limit: Limit?
  ) throws(NATSError) {
    lock.whileLocked { isSending = true }
    defer {
      lock.whileLocked {
        isSending = false
        sendControls(on: socket)
      }
    }
    while !buffer.isEmpty {
      if frame.isEmpty { makeFrame(buffer.bytes.prefix(Self.frameLimit)) }
      try socket.sendRaw(frame, activity, limit: limit)
      buffer.consume(framePayload)
    }
  }

  /// Says that this side ends, if the way is free.
  func sayGoodbye(on socket: Socket) { answer(.close, [0x03, 0xe8], on: socket) }

  private func makeFrame(_ payload: Slice<UnsafeBufferPointer<UInt8>>) {
    framePayload = payload.count
    lock.whileLocked {
      frame.append(controls)
      controls = []
    }
    frame.append(WebSocketFrame.masked(.binary, UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: payload))))
  }

  private func answer(_ operation: WebSocketFrame.Operation, _ payload: [UInt8], on socket: Socket) {
    let frame = payload.withUnsafeBytes { WebSocketFrame.masked(operation, $0) }
    lock.whileLocked {
      // A peer that sends pings and reads nothing gets no more answers than it can take.
      if controls.count < Self.frameLimit { controls += frame }
      if !isSending { sendControls(on: socket) }
    }
  }

  /// Without waiting. What the system does not take goes out before the next frame. The caller holds the lock.
  private func sendControls(on socket: Socket) {
    guard !controls.isEmpty, frame.isEmpty else { return }
    controls.removeFirst(socket.sendWithoutWaiting(controls))
  }
}

/// The frames of RFC 6455, as a client writes and reads them.
enum WebSocketFrame {
  enum Operation: UInt8 {
    case continuation = 0
    case text = 1
    case binary = 2
    case close = 8
    case ping = 9
    case pong = 10

    var isControl: Bool { rawValue >= 8 }
  }

  /// A whole frame, masked with chance as clients must.
  static func masked(_ operation: Operation, _ payload: UnsafeRawBufferPointer) -> [UInt8] {
    var frame: [UInt8] = []
    frame.reserveCapacity(payload.count + 14)
    frame.append(0x80 | operation.rawValue)
    switch payload.count {
    case ..<126: frame.append(0x80 | UInt8(payload.count))
    case ..<65_536:
      frame.append(0x80 | 126)
      frame.append(contentsOf: (0..<2).reversed().map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) })
    default:
      frame.append(0x80 | 127)
      frame.append(contentsOf: (0..<8).reversed().map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) })
    }
    let mask = UInt32.random(in: 0...UInt32.max)
    withUnsafeBytes(of: mask) { frame.append(contentsOf: $0) }
    let start = frame.count
    frame.append(contentsOf: payload)
    frame.withUnsafeMutableBytes { bytes in apply(mask, to: UnsafeMutableRawBufferPointer(rebasing: bytes[start...])) }
    return frame
  }

  /// Eight bytes at a time, the rest one by one.
  private static func apply(_ mask: UInt32, to bytes: UnsafeMutableRawBufferPointer) {
    let wide = UInt64(mask) << 32 | UInt64(mask)
    var index = 0
    while index + 8 <= bytes.count {
      let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      bytes.storeBytes(of: word ^ wide, toByteOffset: index, as: UInt64.self)
      index += 8
    }
    withUnsafeBytes(of: mask) { key in
      while index < bytes.count {
        bytes[index] ^= key[index & 3]
        index += 1
      }
    }
  }
}

/// Takes the frames away from around what was read, in pieces of any size.
struct WebSocketReader {
  /// A control frame that came whole.
  struct Control {
    var operation: WebSocketFrame.Operation
    var payload: [UInt8]
  }

  private var head: [UInt8] = []
  private var operation = WebSocketFrame.Operation.binary
  /// How much of the frame's payload is still to come.
  private var left: UInt64 = 0
  private var isInFrame = false
  /// A message that goes on in the next frame.
  private var isInMessage = false
  private var control: [UInt8] = []

  /// Moves the payload of data frames to the front of `bytes`, and returns how much of it there is and what control frames
  /// came between. The text of what is thrown says how the peer broke the protocol.
  mutating func unwrap(
    _ bytes: UnsafeMutableRawBufferPointer
  ) throws(WebSocketProblem) -> (payload: Int, controls: [Control]) {
    var (written, index) = (0, 0)
    var controls: [Control] = []
    while true {
      if !isInFrame {
        guard try readHead(bytes, &index) else { return (written, controls) }
      }
      let count = Int(min(left, UInt64(bytes.count - index)))
      if operation.isControl {
        control.append(contentsOf: bytes[index..<index + count])
      } else if count > 0, let base = bytes.baseAddress {
        if written != index { (base + written).copyMemory(from: base + index, byteCount: count) }
        written += count
      }
      index += count
      left -= UInt64(count)
      if left > 0 { return (written, controls) }
      isInFrame = false
      if operation.isControl {
        controls.append(Control(operation: operation, payload: control))
        control = []
      }
    }
  }

  /// False if the head is not there whole yet.
  private mutating func readHead(
    _ bytes: UnsafeMutableRawBufferPointer, _ index: inout Int
  ) throws(WebSocketProblem) -> Bool {
    while head.count < headLength {
      guard index < bytes.count else { return false }
      head.append(bytes[index])
      index += 1
    }
    try checkHead()
    let wide = Int(head[1]) < 126 ? head[1...1] : head[2...]
    left = wide.reduce(0) { $0 << 8 | UInt64($1) }
    if left > 1 << 40 { throw WebSocketProblem("it announces \(left) bytes") }
    head = []
    isInFrame = true
    return true
  }

  /// As far as it is known: the second byte says whether a longer length follows.
  private var headLength: Int {
    guard head.count > 1 else { return 2 }
    return switch head[1] & 0x7f {
    case 126: 4
    case 127: 10
    default: 2
    }
  }

  private mutating func checkHead() throws(WebSocketProblem) {
    let isLast = head[0] & 0x80 != 0
    if head[0] & 0x70 != 0 { throw WebSocketProblem("it uses an extension that was not agreed on") }
    if head[1] & 0x80 != 0 { throw WebSocketProblem("it is masked, as only clients may do") }
    guard let operation = WebSocketFrame.Operation(rawValue: head[0] & 15) else {
      throw WebSocketProblem("its kind is \(head[0] & 15), which nobody has defined")
    }
    self.operation = operation
    switch operation {
    case .close, .ping, .pong:
      if !isLast || head[1] > 125 { throw WebSocketProblem("a control frame is in parts, or longer than 125 bytes") }
    case .text: throw WebSocketProblem("it is text, and NATS travels in binary frames")
    case .continuation:
      if !isInMessage { throw WebSocketProblem("it goes on with a message that never began") }
      isInMessage = !isLast
    case .binary:
      if isInMessage { throw WebSocketProblem("it begins a message within another") }
      isInMessage = !isLast
    }
  }
}

/// How a peer broke the WebSocket protocol.
struct WebSocketProblem: Error {
  let text: String
  init(_ text: String) { self.text = text }
}

/// Asks an HTTP server to go on as a WebSocket.
enum WebSocketHandshake {
  private static let headLimit = 16 << 10

  /// Leaves the socket where the server's first frame begins.
  static func make(on socket: Socket, path: String, limit: Limit) throws(NATSError) {
    var source = SystemRandomNumberGenerator()
    let key = Coding.base64((0..<16).map { _ in UInt8.random(in: 0...255, using: &source) })
    let lines = [
      "GET \(path) HTTP/1.1", "Host: \(socket.server.authority)", "Upgrade: websocket", "Connection: Upgrade",
      "Sec-WebSocket-Key: \(key)", "Sec-WebSocket-Version: 13", "", "",
    ]
    try socket.send(ByteBuffer(Array(lines.joined(separator: "\r\n").utf8)), .greeting, limit: limit)
    let head = try readHead(socket, limit: limit)
    if let problem = problem(with: head, key: key) {
      throw .protocolViolation(server: socket.server, .noWebSocket(detail: problem))
    }
  }

  /// What the server has to answer to a key.
  static func accepted(_ key: String) -> String {
    Coding.base64(SHA1.digest(of: Array("\(key)258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8)))
  }

  /// Up to the empty line and not a byte further: what follows are frames.
  private static func readHead(_ socket: Socket, limit: Limit) throws(NATSError) -> String {
    var head: [UInt8] = []
    while head.count < headLimit {
      try socket.waitUntilReadable(.greeting, limit: limit)
      guard let next = try socket.peek(headLimit) else { continue }
      let all = head + next
      let from = max(0, head.count - 3)
      guard let end = all[from...].firstRange(of: Array("\r\n\r\n".utf8))?.upperBound else {
        if !"HTTP/1.1 101".utf8.starts(with: all.prefix(12)) {
          let line = all.prefix { $0 != 13 && $0 != 10 }
          throw .protocolViolation(server: socket.server, .noWebSocket(detail: "it says \"\(shown(line))\""))
        }
        head = all
        try socket.discard(next.count)
        continue
      }
      try socket.discard(end - head.count)
      return String(decoding: all[..<end], as: UTF8.self)
    }
    throw .protocolViolation(
      server: socket.server, .noWebSocket(detail: "its answer is longer than \(headLimit) bytes"))
  }

  /// Nil if the server agrees.
  private static func problem(with head: String, key: String) -> String? {
    let lines = head.split(whereSeparator: \.isNewline)
    let status = lines.first.map(String.init) ?? ""
    guard status.hasPrefix("HTTP/1.1 101") else { return "it answers \"\(shown(status.utf8))\"" }
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      fields[line[..<colon].lowercased()] = String(value.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
    guard fields["upgrade"]?.lowercased() == "websocket", fields["connection"]?.lowercased().contains("upgrade") == true
    else { return "it does not say that it goes on as a WebSocket" }
    guard fields["sec-websocket-accept"] == accepted(key) else { return "its Sec-WebSocket-Accept is not the key's" }
    if fields["sec-websocket-extensions"] != nil { return "it wants an extension that was not asked for" }
    return nil
  }
}

/// RFC 3174's digest. WebSocket's handshake has the server prove with it that it read the request; no secret rests on it.
enum SHA1 {
  static func digest(of message: [UInt8]) -> [UInt8] {
    var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]
    var padded = message + [0x80]
    while padded.count % 64 != 56 { padded.append(0) }
    padded += (0..<8).reversed().map { UInt8(truncatingIfNeeded: (message.count * 8) >> ($0 * 8)) }
    for block in stride(from: 0, to: padded.count, by: 64) {
      mix(padded[block..<block + 64], into: &state)
    }
    return state.flatMap { word in (0..<4).reversed().map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
  }

  private static func mix(_ block: ArraySlice<UInt8>, into state: inout [UInt32]) {
    var words = stride(from: block.startIndex, to: block.endIndex, by: 4).map { index in
      block[index..<index + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }
    for index in 16..<80 {
      words.append(rotated(words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], by: 1))
    }
    var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
    for (round, word) in words.enumerated() {
      let (choice, constant): (UInt32, UInt32) =
        switch round {
        case ..<20: (b & c | ~b & d, 0x5a82_7999)
        case ..<40: (b ^ c ^ d, 0x6ed9_eba1)
        case ..<60: (b & c | b & d | c & d, 0x8f1b_bcdc)
        default: (b ^ c ^ d, 0xca62_c1d6)
        }
      (a, b, c, d, e) = (rotated(a, by: 5) &+ choice &+ e &+ constant &+ word, a, rotated(b, by: 30), c, d)
    }
    for (index, word) in [a, b, c, d, e].enumerated() { state[index] = state[index] &+ word }
  }

  private static func rotated(_ word: UInt32, by count: UInt32) -> UInt32 { word << count | word >> (32 - count) }
}
