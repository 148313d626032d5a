import Interpreter
import Lexer
import SandboxRuntime

/// `nbx status --html` and `--serve`: the picture as a page.
enum StatusPages {
  static func write(_ picture: SuperclusterPicture, to file: String) -> ExitCode {
    do throws(MachineError) {
      try UserFile.write(Array(PicturePage(picture).file.utf8), to: file)
    } catch {
      return failed("\(error)", advice: nil)
    }
    Terminal.standardOutput.write("\(file): \(PicturePage(picture).summary)\n")
    return .done
  }

  /// Serves until it is interrupted, which is how it is meant to end.
  static func serve(_ maker: PictureMaker, port: UInt16?) -> ExitCode {
    let stop = Interrupts.watched()
    do throws(CommandFailure) {
      let server = try PageServer(port: port)
      Terminal.standardOutput.write("the picture is at \(server.address) until you press Ctrl-C\n")
      let site = PictureSite(maker)
      server.serve(until: { stop.request != .none }, answer: site.answer)
      return .done
    } catch {
      return failed(error.reason.masked, advice: error.advice)
    }
  }

  private static func failed(_ message: String, advice: String?) -> ExitCode {
    var diagnostic = Diagnostic(message, at: nil)
    if let advice { diagnostic = diagnostic.adding("try", advice) }
    Terminal.standardError.write(diagnostic.rendered(Terminal.standardError.style) + "\n")
    return .failed
  }
}
