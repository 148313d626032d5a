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
