import SandboxSystem

#if canImport(Glibc)
  import Glibc

  /// Tells which descriptors are ready, as long as they are, and wakes at a time: `epoll(7)` with a `timerfd`, which wakes
  /// to the microsecond, where `epoll_wait` knows milliseconds.
  final class EventQueue {
    /// The module of the system's library leaves these out.
    private struct Calls {
      typealias Control = @convention(c) (Int32, Int32, Int32, UnsafeMutableRawPointer?) -> Int32
      typealias Wait = @convention(c) (Int32, UnsafeMutableRawPointer?, Int32, Int32) -> Int32
      typealias SetTimer = @convention(c) (Int32, Int32, UnsafeRawPointer?, UnsafeMutableRawPointer?) -> Int32
      private typealias Create = @convention(c) (Int32) -> Int32
      private typealias CreateTimer = @convention(c) (Int32, Int32) -> Int32

      let control: Control
      let wait: Wait
      let setTimer: SetTimer
      let queue: OwnedDescriptor
      let timer: OwnedDescriptor

      init() throws(ProcessError) {
        guard let create = dlsym(nil, "epoll_create1"), let control = dlsym(nil, "epoll_ctl"),
          let wait = dlsym(nil, "epoll_wait"), let createTimer = dlsym(nil, "timerfd_create"),
          let setTimer = dlsym(nil, "timerfd_settime")
        else { throw .system(call: "epoll", errno: ENOSYS) }
        self.control = unsafeBitCast(control, to: Control.self)
        self.wait = unsafeBitCast(wait, to: Wait.self)
        self.setTimer = unsafeBitCast(setTimer, to: SetTimer.self)
        let number = unsafeBitCast(create, to: Create.self)(O_CLOEXEC)
        guard let queue = OwnedDescriptor.aboveStandardStreams(number) else {
          throw .system(call: "epoll_create1", errno: errno)
        }
        self.queue = queue
        let timerNumber = unsafeBitCast(createTimer, to: CreateTimer.self)(
          Int32(CLOCK_MONOTONIC), O_CLOEXEC | O_NONBLOCK)
        guard let timer = OwnedDescriptor.aboveStandardStreams(timerNumber) else {
          throw .system(call: "timerfd_create", errno: errno)
        }
        self.timer = timer
      }
    }

    // Of <sys/epoll.h>, the same on all architectures but for the layout of an event, which x86-64 packs.
    private static let readable: UInt32 = 0x001
    private static let writable: UInt32 = 0x004
    private static let failed: UInt32 = 0x008 | 0x010
    private static let peerFinished: UInt32 = 0x2000
    private static let add: Int32 = 1
    private static let remove: Int32 = 2
    private static let modify: Int32 = 3
    #if arch(x86_64)
      private static let stride = 12
      private static let dataOffset = 4
    #else
      private static let stride = 16
      private static let dataOffset = 8
    #endif
    private static let most = 64

    private let calls: Calls
    private let events = UnsafeMutableRawPointer.allocate(byteCount: most * stride, alignment: 8)
    /// When the timer is set to go off; nil while it is not set, -1 once it has gone off.
    private var armed: Int64?

    init() throws(ProcessError) {
      calls = try Calls()
      watch(calls.timer.number, .read, before: [])
    }

    deinit { events.deallocate() }

    /// Watches a descriptor for other things than before; for nothing: not at all.
    func watch(_ descriptor: Int32, _ interest: Interest, before: Interest) {
      // One that failed or whose both ends have finished is always reported, so it must go if nobody wants to know.
      let operation = interest.isEmpty ? Self.remove : before.isEmpty ? Self.add : Self.modify
      var mask: UInt32 = 0
      if interest.contains(.read) { mask |= Self.readable }
      if interest.contains(.write) { mask |= Self.writable }
      if interest.contains(.end) { mask |= Self.peerFinished }
      withUnsafeTemporaryAllocation(byteCount: Self.stride, alignment: 8) { event in
        event.storeBytes(of: mask, toByteOffset: 0, as: UInt32.self)
        event.storeBytes(of: UInt64(UInt32(bitPattern: descriptor)), toByteOffset: Self.dataOffset, as: UInt64.self)
        _ = calls.control(calls.queue.number, operation, descriptor, event.baseAddress)
      }
    }

    /// Waits until something is ready or the time has come.
    ///
    /// - Parameter time: in nanoseconds of `RelayLoop.clock`; nil waits for as long as it takes, 0 not at all.
    /// - Returns: how many events there are.
    func wait(until time: Int64?) -> Int {
      if time != 0 { arm(time) }
      let count = calls.wait(calls.queue.number, events, Int32(Self.most), time == 0 ? 0 : -1)
      return max(0, Int(count))
    }

    private func arm(_ time: Int64?) {
      guard time != armed else { return }
      armed = time
      // Both zero: it goes off no more. Setting it also takes away that it has gone off.
      var setting = itimerspec()
      if let time {
        setting.it_value = timespec(tv_sec: Int(time / 1_000_000_000), tv_nsec: Int(time % 1_000_000_000))
      }
      let absolute: Int32 = 1
      _ = calls.setTimer(calls.timer.number, absolute, &setting, nil)
    }

    /// An event of the last wait; nil where it is only the time that has come.
    subscript(_ index: Int) -> (descriptor: Int32, ready: Interest)? {
      let event = events + index * Self.stride
      let mask = event.loadUnaligned(as: UInt32.self)
      let data = event.loadUnaligned(fromByteOffset: Self.dataOffset, as: UInt64.self)
      let descriptor = Int32(truncatingIfNeeded: data)
      guard descriptor != calls.timer.number else {
        armed = -1
        return nil
      }
      // Whoever reads or writes then is told what has failed.
      var ready: Interest = mask & Self.failed != 0 ? [.read, .write, .end] : []
      if mask & Self.readable != 0 { ready.insert(.read) }
      if mask & Self.writable != 0 { ready.insert(.write) }
      if mask & Self.peerFinished != 0 { ready.insert(.end) }
      return (descriptor, ready)
    }
  }
#endif

#if canImport(Darwin)
  import Darwin

  /// Tells which descriptors are ready, as long as they are, and wakes at a time: `kqueue(2)`, with a timer that the system
  /// does not put off to save power.
  final class EventQueue {
    private let queue: OwnedDescriptor
    private var events = [Darwin.kevent](repeating: Darwin.kevent(), count: 64)

    init() throws(ProcessError) {
      guard let queue = OwnedDescriptor.aboveStandardStreams(kqueue()) else {
        throw .system(call: "kqueue", errno: errno)
      }
      _ = fcntl(queue.number, F_SETFD, FD_CLOEXEC)
      self.queue = queue
    }

    /// Watches a descriptor for other things than before; for nothing: not at all.
    func watch(_ descriptor: Int32, _ interest: Interest, before: Interest) {
      let reads = interest.contains(.read)
      let readsBefore = before.contains(.read)
      let onlyEnd = !reads && interest.contains(.end)
      let onlyEndBefore = !readsBefore && before.contains(.end)
      if reads != readsBefore || onlyEnd != onlyEndBefore {
        // Its end is told by the same filter as what can be read, and nobody wants to be told of that again and again.
        let flags = reads ? EV_ADD : onlyEnd ? EV_ADD | EV_CLEAR : EV_DELETE
        if readsBefore || onlyEndBefore, reads || onlyEnd { change(UInt(descriptor), EVFILT_READ, EV_DELETE) }
        change(UInt(descriptor), EVFILT_READ, flags)
      }
      if interest.contains(.write) != before.contains(.write) {
        change(UInt(descriptor), EVFILT_WRITE, interest.contains(.write) ? EV_ADD : EV_DELETE)
      }
    }

    private func change(_ identity: UInt, _ filter: Int32, _ flags: Int32, _ options: UInt32 = 0, _ data: Int = 0) {
      var event = Darwin.kevent(
        ident: identity, filter: Int16(filter), flags: UInt16(flags), fflags: options, data: data, udata: nil)
      _ = kevent(queue.number, &event, 1, nil, 0, nil)
    }

    /// Waits until something is ready or the time has come.
    ///
    /// - Parameter time: in nanoseconds of `RelayLoop.clock`; nil waits for as long as it takes, 0 not at all.
    /// - Returns: how many events there are.
    func wait(until time: Int64?) -> Int {
      var none = timespec()
      let count: Int32
      if let time, time == 0 || time <= RelayLoop.clock {
        count = kevent(queue.number, nil, 0, &events, Int32(events.count), &none)
      } else {
        if let time {
          let left = Int(time - RelayLoop.clock)
          change(0, EVFILT_TIMER, EV_ADD | EV_ONESHOT, UInt32(NOTE_NSECONDS) | UInt32(NOTE_CRITICAL), max(left, 1))
        }
        count = kevent(queue.number, nil, 0, &events, Int32(events.count), nil)
        if time != nil { change(0, EVFILT_TIMER, EV_DELETE) }
      }
      return max(0, Int(count))
    }

    /// An event of the last wait; nil where it is only the time that has come.
    subscript(_ index: Int) -> (descriptor: Int32, ready: Interest)? {
      let event = events[index]
      let isOver = Int32(event.flags) & EV_EOF != 0
      switch Int32(event.filter) {
      case EVFILT_READ: return (Int32(event.ident), isOver ? [.read, .end] : .read)
      case EVFILT_WRITE: return (Int32(event.ident), .write)
      default: return nil
      }
    }
  }
#endif
