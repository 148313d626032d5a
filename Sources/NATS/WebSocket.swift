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
  /// A frame on its way, how much of it has left, and how many of the caller's bytes it carries.
  private var frame: [UInt8] = []
  private var frameOffset = 0
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

  /// As `Socket.send`: `offset` moves on by whole frames, and a frame that did not leave whole goes on with the next call,
  /// which brings the same bytes again.
  func send(
    _ bytes: [UInt8], from offset: inout Int, on socket: Socket, _ activity: NATSError.Activity, limit: WaitLimit?
  ) throws(NATSError) {
    lock.whileLocked { isSending = true }
    defer {
      lock.whileLocked {
        isSending = false
        sendControls(on: socket)
      }
    }
    while offset < bytes.count {
      if frame.isEmpty { makeFrame(bytes[offset...].prefix(Self.frameLimit)) }
      try socket.sendRaw(frame, from: &frameOffset, activity, limit: limit)
      offset += framePayload
      frame.removeAll(keepingCapacity: true)
    }
  }

  /// Says that this side ends, if the way is free.
  func sayGoodbye(on socket: Socket) { answer(.close, [0x03, 0xe8], on: socket) }

  private func makeFrame(_ payload: ArraySlice<UInt8>) {
    frame = payload.withUnsafeBytes { WebSocketFrame.masked(.binary, $0) }
    (frameOffset, framePayload) = (0, payload.count)
    lock.whileLocked {
      frame = controls + frame
      controls = []
    }
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
