import TestSupport

@testable import SandboxSystem

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A folder of a test's own, gone with the test.
final class ScratchFolder: Sendable {
  let path: String

  init() throws {
    path = try RunFolder.newPath()
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Written by a process of its own: were the file open for writing in this one, a child that another test is spawning
  /// right now would hold it so until its exec, and running it would fail with ETXTBSY.
  func script(_ name: String, _ text: String) throws -> String {
    var writer = Subprocess("sh", ["-c", "cat > \"$1\" && chmod 755 \"$1\"", "sh", file(name)])
    writer.standardInput = Array(text.utf8)
    guard try writer.run().succeeded else { throw ProcessError.logNotWritable(path: file(name), errno: EIO) }
    return file(name)
  }

  func text(_ name: String) -> String? { try? String(contentsOfFile: file(name), encoding: .utf8) }
}

/// A shell command line, with nbx's own environment.
func shell(_ line: String) -> Subprocess {
  Subprocess("sh", ["-c", line])
}

extension ProgramResult {
  var text: String { String(decoding: output, as: UTF8.self) }
  var errorText: String { String(decoding: errorOutput, as: UTF8.self) }
}

func isAlive(_ pid: Int32) -> Bool {
  ProcessIdentity(pid: pid)?.isAlive ?? false
}

/// Runs the body on as many plain threads at once, and waits for all.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  final class Job {
    let run: () -> Void
    init(_ run: @escaping () -> Void) { self.run = run }
  }
  #if canImport(Glibc)
    var threads = [pthread_t](repeating: 0, count: count)
  #else
    var threads = [pthread_t?](repeating: nil, count: count)
  #endif
  for index in 0..<count {
    let job = Unmanaged.passRetained(Job { body(index) })
    #if canImport(Glibc)
      let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { pointer in
        if let pointer { Unmanaged<Job>.fromOpaque(pointer).takeRetainedValue().run() }
        return nil
      }
    #else
      let start: @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? = { pointer in
        Unmanaged<Job>.fromOpaque(pointer).takeRetainedValue().run()
        return nil
      }
    #endif
    pthread_create(&threads[index], nil, start, job.toOpaque())
  }
  #if canImport(Glibc)
    for thread in threads { pthread_join(thread, nil) }
  #else
    for case let thread? in threads { pthread_join(thread, nil) }
  #endif
}

/// How many descriptors this process has open.
func openDescriptors() -> Int {
  (0..<4096).count { fcntl($0, F_GETFD) >= 0 }
}
