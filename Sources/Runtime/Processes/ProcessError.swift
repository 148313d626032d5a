#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Why a process could not be started or ended. What a program itself said is never an error here.
public enum ProcessError: Error, Equatable, Sendable {
  /// No folder of `searched` (the PATH) holds the program.
  case notFound(program: String, searched: String)
  /// A file is there, and the system will not run it.
  case notRunnable(path: String, errno: Int32)
  case noWorkingDirectory(path: String, errno: Int32)
  /// A program's text ends at its first zero byte: what follows would be lost without a word.
  case zeroByte(where: String)
  case logNotWritable(path: String, errno: Int32)
  /// The system refused something that every process needs, such as one more pipe.
  case system(call: String, errno: Int32)
  /// The process lives on after SIGKILL: it hangs inside the kernel.
  case wouldNotEnd(program: String, pid: Int32)
}

extension ProcessError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notFound(let program, let searched):
      searched.isEmpty
        ? "cannot run \(program): there is no such program"
        : "cannot run \(program): no program of that name is on the PATH; install it, or add its folder to the PATH"
          + " (searched: \(searched))"
    case .notRunnable(let path, let errno):
      switch errno {
      case EACCES: "cannot run \(path): it is not executable; try: chmod +x \(path)"
      case ENOEXEC: "cannot run \(path): it is no program for this system, nor a script with a #! line"
      case ENOENT: "cannot run \(path): the interpreter or loader that it names is missing"
      case E2BIG: "cannot run \(path): its arguments and environment are too long; give it a file or standard input"
      default: "cannot run \(path): \(errorText(errno))"
      }
    case .noWorkingDirectory(let path, let errno):
      "cannot run a program in \(path): \(errorText(errno)); make the folder, or choose another"
    case .zeroByte(let place):
      "\(place) holds a zero byte, which no program can be given; take it out, or pass the bytes by standard input"
    case .logNotWritable(let path, let errno):
      "cannot write the log \(path): \(errorText(errno)); make its folder writable"
    case .system(let call, let errno):
      switch errno {
      case EMFILE, ENFILE: "\(call): \(errorText(errno)); raise the limit of open files (ulimit -n)"
      case EAGAIN: "\(call): no more processes are allowed; raise the limit (ulimit -u), or end some"
      default: "\(call): \(errorText(errno))"
      }
    case .wouldNotEnd(let program, let pid):
      "\(program) (process \(pid)) lives on after SIGKILL: it hangs in the kernel, often on a lost disk or network mount"
    }
  }
}

/// The system's own words for an error number.
func errorText(_ number: Int32) -> String {
  String(cString: strerror(number))
}
