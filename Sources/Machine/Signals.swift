/// What this process does about signals.
package enum Signals {
  /// Whether a signal is ignored: before nbx has changed anything about it, because whoever started nbx wants it so.
  package static func isIgnored(_ signal: Int32) -> Bool {
    var present = sigaction()
    guard sigaction(signal, nil, &present) == 0 else { return false }
    #if canImport(Glibc)
      let handler = present.__sigaction_handler.sa_handler
    #elseif canImport(Musl)
      let handler = present.__sa_handler.sa_handler
    #else
      let handler = present.__sigaction_u.__sa_handler
    #endif
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
