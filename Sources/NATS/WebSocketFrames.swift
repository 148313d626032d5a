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
