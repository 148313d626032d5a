#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How many descriptors a process may have: `RLIMIT_NOFILE` of getrlimit(2).
enum DescriptorLimit {
  #if canImport(Glibc)
    private static let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  #else
    private static let files = RLIMIT_NOFILE
  #endif

  private static var limit: rlimit? {
    var limit = rlimit()
    return getrlimit(files, &limit) == 0 ? limit : nil
  }

  /// How many it may have if it asks for them.
  static var most: Int { limit.map { Int(clamping: $0.rlim_max) } ?? .max }

  /// Asks for as many as it may have; a shell's limit is often 1,024.
  static func raise() {
    guard var limit else { return }
    limit.rlim_cur = limit.rlim_max
    #if canImport(Darwin)
      // More is refused here.
      limit.rlim_cur = min(limit.rlim_cur, rlim_t(OPEN_MAX))
    #endif
    setrlimit(files, &limit)
  }
}
