/// A port on which the relay listens for servers of other regions.
final class RelayPort: Watcher {
  /// What it is for; that may change.
  var listener: RelayOrders.Listener
  private let accept: (RelayPort, Int64) -> Void

  var target: UInt16 { listener.target }

  /// - Parameter accept: is called when somebody has connected.
  init(
    _ descriptor: Int32, for listener: RelayOrders.Listener, accept: @escaping (RelayPort, Int64) -> Void
  ) {
    self.listener = listener
    self.accept = accept
    super.init(descriptor)
  }

  override func isReady(_ ready: Interest, at now: Int64) { accept(self, now) }
}
