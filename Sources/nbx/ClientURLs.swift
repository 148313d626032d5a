import Interpreter
import Lexer
import SandboxRuntime

/// `nbx status --urls`: where applications connect.
struct ClientURLs {
  private let target: any Target
  /// All of them if none is named.
  private let names: [String]

  init(of target: any Target, clusters: [String]) {
    self.target = target
    names = clusters
  }

  /// Shows a line for each cluster. What has no address is told, and is a failure: scripts read the lines.
  func show() -> ExitCode {
    let wanted = names.isEmpty ? target.existingClusters() : names
    let clusters = wanted.enumerated().map { target.cluster(named: $1, index: $0) }
    guard !clusters.isEmpty else {
      tell(Diagnostic("target \(target.name): nothing is here", at: nil).adding("try", "nbx run install c1 c2 c3"))
      return .failed
    }
    let width = clusters.map(\.name.count).max() ?? 0
    var code = ExitCode.done
    for cluster in clusters {
      do throws(CommandFailure) {
        let urls = try target.seedAddresses(of: cluster).map { host, port in "nats://\(bracketed(host)):\(port)" }
        Terminal.standardOutput.write("\(cluster.name.padded(to: width))  \(urls.joined(separator: ","))\n")
      } catch {
        tell(Diagnostic("\(cluster.name): \(error.reason.masked)", at: nil).adding("try", error.advice))
        code = .failed
      }
    }
    return code
  }

  private func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }

  private func tell(_ diagnostic: Diagnostic) {
    Terminal.standardError.write(diagnostic.rendered(Terminal.standardError.style) + "\n")
  }
}
