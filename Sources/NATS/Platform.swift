#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What differs between Linux and macOS, in one place.
enum Platform {
  /// Opens a TCP socket that is non-blocking and not inherited by children. Returns -1 and sets `errno` on failure.
  static func openSocket(family: Int32) -> Int32 {
    #if canImport(Glibc)
      let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
      return socket(family, type, 0)
    #else
      let descriptor = socket(family, SOCK_STREAM, 0)
      guard descriptor >= 0 else { return descriptor }
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
      var on: Int32 = 1
      setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<Int32>.size))
      return descriptor
    #endif
  }

  /// Begins to connect. Returns the error number; `EINPROGRESS` means that `poll` tells when it is done.
  static func startConnecting(_ descriptor: Int32, to address: SocketAddress) -> Int32 {
    address.bytes.withUnsafeBytes { raw in
      guard let start = raw.baseAddress else { return EINVAL }
      let pointer = start.assumingMemoryBound(to: sockaddr.self)
      #if canImport(Glibc)
        // With _GNU_SOURCE the parameter is a union of all kinds of address.
        let status = connect(descriptor, __CONST_SOCKADDR_ARG(__sockaddr__: pointer), socklen_t(raw.count))
      #else
        let status = connect(descriptor, pointer, socklen_t(raw.count))
      #endif
      return status == 0 ? 0 : errno
    }
  }

  /// Sends without waiting and without a signal. As `send(2)`: -1 and `errno` on failure.
  static func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Glibc)
      return Glibc.send(descriptor, bytes.baseAddress, bytes.count, sendFlags)
    #else
      return Darwin.send(descriptor, bytes.baseAddress, bytes.count, sendFlags)
    #endif
  }

  /// The flags of `send` that keep a closed peer from killing the process with SIGPIPE.
  private static var sendFlags: Int32 {
    #if canImport(Glibc)
      return Int32(MSG_NOSIGNAL)
    #else
      return 0
    #endif
  }

  /// Small messages leave at once: a request must not wait for the acknowledgement of the packet before it.
  static func disableNagle(_ descriptor: Int32) {
    var on: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
  }

  /// What `getaddrinfo` is asked: TCP addresses, and with `numericOnly` no name service at all.
  static func addressHints(numericOnly: Bool) -> addrinfo {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    #if canImport(Glibc)
      hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    #else
      hints.ai_socktype = SOCK_STREAM
    #endif
    hints.ai_flags = numericOnly ? AI_NUMERICHOST : 0
    return hints
  }

  /// Makes a condition variable that measures its waits with the monotonic clock, where there is a choice.
  static func initialize(_ condition: UnsafeMutablePointer<pthread_cond_t>) {
    #if canImport(Glibc)
      var attributes = pthread_condattr_t()
      pthread_condattr_init(&attributes)
      pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
      pthread_cond_init(condition, &attributes)
      pthread_condattr_destroy(&attributes)
    #else
      pthread_cond_init(condition, nil)
    #endif
  }

  /// Waits on `condition` for at most `duration`; the caller holds `mutex`.
  static func wait(
    _ condition: UnsafeMutablePointer<pthread_cond_t>, _ mutex: UnsafeMutablePointer<pthread_mutex_t>,
    for duration: Duration
  ) {
    let (seconds, attoseconds) = max(duration, .zero).components
    // A wait of more than a day is cut to a day: every caller looks again after it.
    var time = timespec(tv_sec: Int(min(seconds, 86_400)), tv_nsec: Int(attoseconds / 1_000_000_000))
    #if canImport(Glibc)
      var now = timespec()
      clock_gettime(CLOCK_MONOTONIC, &now)
      time.tv_sec += now.tv_sec
      time.tv_nsec += now.tv_nsec
      if time.tv_nsec >= 1_000_000_000 {
        time.tv_sec += 1
        time.tv_nsec -= 1_000_000_000
      }
      pthread_cond_timedwait(condition, mutex, &time)
    #else
      pthread_cond_timedwait_relative_np(condition, mutex, &time)
    #endif
  }

  /// Starts a detached thread. Returns the error number, 0 when it runs.
  static func startThread(_ body: @escaping @Sendable () -> Void) -> Int32 {
    let box = Unmanaged.passRetained(ThreadBody(body))
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    #if canImport(Glibc)
      var thread = pthread_t()
      let status = pthread_create(&thread, &attributes, { ThreadBody.run($0) }, box.toOpaque())
    #else
      var thread: pthread_t?
      let status = pthread_create(&thread, &attributes, { ThreadBody.run($0) }, box.toOpaque())
    #endif
    if status != 0 { box.release() }
    return status
  }
}

/// A thread's work on its way through the C interface.
private final class ThreadBody {
  let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }

  static func run(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let argument { Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().body() }
    return nil
  }
}
