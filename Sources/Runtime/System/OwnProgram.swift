#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The program that runs here, to be started again as another process.
public enum OwnProgram {
  /// Its path, absolute and without links; nil where the system does not say. Another file may have taken its place since
  /// it was started.
  public static var path: String? {
    #if canImport(Glibc)
      guard let program = target(of: "/proc/self/exe") else { return nil }
      let gone = " (deleted)"
      return program.hasSuffix(gone) ? String(program.dropLast(gone.count)) : program
    #else
      var size: UInt32 = 0
      // Says first how much room the path takes.
      _NSGetExecutablePath(nil, &size)
      var path = [CChar](repeating: 0, count: Int(size))
      guard size > 0, _NSGetExecutablePath(&path, &size) == 0, let real = realpath(path, nil) else { return nil }
      defer { free(real) }
      return String(cString: real)
    #endif
  }

  #if canImport(Glibc)
    private static func target(of link: String) -> String? {
      var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
      let count = readlink(link, &bytes, bytes.count)
      guard count > 0 else { return nil }
      return String(decoding: bytes.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  #endif
}
