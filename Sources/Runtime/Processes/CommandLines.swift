#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension ProcessPlatform {
  #if canImport(Glibc)
    /// Every process that there is now.
    static var pids: [pid_t] {
      guard let folder = opendir("/proc") else { return [] }
      defer { closedir(folder) }
      var pids: [pid_t] = []
      while let entry = readdir(folder) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if let pid = pid_t(name) { pids.append(pid) }
      }
      return pids
    }

    /// The words that a process was started with, the program's own name first, without those that are empty; nil for one
    /// that is gone, or not this user's to look at.
    static func commandLine(of pid: pid_t) -> [[UInt8]]? {
      StateFile.bytes(of: "/proc/\(pid)/cmdline")?.split(separator: 0).map(Array.init)
    }
  #else
    /// Every process that there is now.
    static var pids: [pid_t] {
      // Some may be started between the two calls.
      var pids = [pid_t](repeating: 0, count: Int(max(0, proc_listallpids(nil, 0))) + 64)
      let count = proc_listallpids(&pids, Int32(pids.count * MemoryLayout<pid_t>.stride))
      return pids.prefix(Int(max(0, count))).filter { $0 > 0 }
    }

    /// The words that a process was started with, the program's own name first, without those that are empty; nil for one
    /// that is gone, or not this user's to look at. `KERN_PROCARGS2` gives their number, the program's path, and then
    /// them, each with a zero behind it (xnu, `sysctl_procargsx`).
    static func commandLine(of pid: pid_t) -> [[UInt8]]? {
      var name: [Int32] = [CTL_KERN, KERN_PROCARGS2, pid]
      var size = 0
      guard sysctl(&name, UInt32(name.count), nil, &size, nil, 0) == 0, size > MemoryLayout<Int32>.size else {
        return nil
      }
      var bytes = [UInt8](repeating: 0, count: size)
      guard sysctl(&name, UInt32(name.count), &bytes, &size, nil, 0) == 0, size > MemoryLayout<Int32>.size else {
        return nil
      }
      let count = bytes.withUnsafeBytes { Int($0.loadUnaligned(as: Int32.self)) }
      let texts = bytes[MemoryLayout<Int32>.size..<min(size, bytes.count)].split(separator: 0)
      return texts.dropFirst().prefix(max(0, count)).map(Array.init)
    }
  #endif
}
