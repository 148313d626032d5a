import Foundation
import TestSupport
import Testing

/// What `nbx check` shows, as text and as data, and how it ends.
@Suite(.mayWait) struct CheckCommandTests {
  let nbx: NbxProgram

  init() throws { nbx = try NbxProgram() }

  @Test func `a warning stops nobody, unless that is asked for`() throws {
    let path = try nbx.write("print 1\nlet left = 2\n", to: "left.nbx")
    let ended = try nbx.run(["check", path])
    #expect(ended.status == 0)
    #expect(ended.output == "")
    #expect(
      ended.errorOutput == """
        warning[unused-name]: `left` is never used
          --> \(path):2:5
           |
         2 | let left = 2
           |     ^^^^
           |
           = try: take it away, or call it `_left` if that is meant

        1 file checked, no errors, 1 warning; `nbx explain CODE` tells more

        """)
    #expect(try nbx.run(["check", path, "--strict"]).status == 1)
    let run = try nbx.run(["run", path])
    #expect(run.output == "1\n")
    #expect(run.errorOutput == "")
  }

  @Test func `an error has its code, and ends with 2`() throws {
    let path = try nbx.write("print nope\n", to: "wrong.nbx")
    for strictness in [[], ["--strict"]] {
      let ended = try nbx.run(["check", path] + strictness)
      #expect(ended.status == 2)
      #expect(ended.errorOutput.hasPrefix("error[unknown-name]: there is no name `nope` here\n"))
      #expect(ended.errorOutput.hasSuffix("\n1 file checked, 1 error; `nbx explain CODE` tells more\n"))
    }
  }

  @Test func `a folder is looked at once, by whatever links it is reached`() throws {
    let folder = nbx.folder + "/linked"
    try FileManager.default.createDirectory(atPath: folder + "/a", withIntermediateDirectories: true)
    try "print 1\n".write(toFile: folder + "/a/x.nbx", atomically: true, encoding: .utf8)
    try FileManager.default.createSymbolicLink(atPath: folder + "/a/up", withDestinationPath: "..")
    #expect(try nbx.run(["check", folder]).output == "1 file checked, no errors\n")
    #expect(try nbx.run(["list", folder]).output.contains("a/up") == false)
  }

  @Test func `findings as data`() throws {
    let path = try nbx.write("print \"👩‍👩‍👧\", \"日本\" + 1\nlet left = 2\n", to: "data.nbx")
    let ended = try nbx.run(["check", path, nbx.folder + "/gone.nbx", "--json"])
    #expect(ended.status == 2)
    #expect(ended.errorOutput == "")
    #expect(
      ended.output == """
        {
          "files": 2,
          "errors": 1,
          "warnings": 2,
          "findings": [
            {
              "path": "\(path)",
              "line": 1,
              "column": 12,
              "endLine": 1,
              "endColumn": 20,
              "severity": "warning",
              "code": "mismatched-types",
              "message": "`+` does not take a string and an int",
              "advice": "write both into one string: \\"$a$b\\""
            },
            {
              "path": "\(path)",
              "line": 2,
              "column": 5,
              "endLine": 2,
              "endColumn": 9,
              "severity": "warning",
              "code": "unused-name",
              "message": "`left` is never used",
              "advice": "take it away, or call it `_left` if that is meant"
            },
            {
              "path": "\(nbx.folder)/gone.nbx",
              "line": null,
              "column": null,
              "endLine": null,
              "endColumn": null,
              "severity": "error",
              "code": "unreadable-file",
              "message": "can't read \(nbx.folder)/gone.nbx: there is no such file",
              "advice": "paths start from the folder in which nbx was started"
            }
          ]
        }

        """)
    let good = try nbx.run(["check", "recipes", "--json"])
    let files = try #require(JSONSerialization.jsonObject(with: Data(good.output.utf8)) as? [String: Any])
    #expect((files["findings"] as? [Any])?.isEmpty == true)
    #expect((files["files"] as? Int ?? 0) > 40)
  }

  @Test func `findings for code hosts, read by somebody else's program`() throws {
    let path = try nbx.write("print \"👩‍👩‍👧\", \"日本\" + 1\nprint [\"a\"].map(x => 1)\n", to: "a b#1.nbx")
    let ended = try nbx.run(["check", path, nbx.folder + "/gone.nbx", "--sarif"])
    #expect(ended.status == 2)
    let folder = "file://" + nbx.folder
    #expect(
      try SARIFReader.results(in: ended.output) == [
        "mismatched-types warning \(folder)/a%20b%231.nbx:1:16-1:24 `+` does not take a string and an int",
        "unused-name warning \(folder)/a%20b%231.nbx:2:17-2:18 `x` is never used",
        "unreadable-file error \(folder)/gone.nbx: can't read \(nbx.folder)/gone.nbx: there is no such file",
      ])
    #expect(try SARIFReader.results(in: nbx.run(["check", "recipes", "--sarif"]).output) == [])
  }

  @Test(arguments: [
    (["check", "--stict", "recipes"], "did you mean `--strict`?"), (["check", "--strict"], "needs PATH"),
    (["check", "recipes", "--json", "--sarif"], "contradict each other"),
    (["explain", "a", "b"], "takes no more words"),
    (["explain", "unused-nam"], "did you mean `unused-name`?"), (["explain", "zzz"], "`nbx explain` lists all codes"),
    (["explain", "--all"], "has no flag"),
  ]) func `a command line that makes no sense`(_ words: [String], _ said: String) throws {
    let ended = try nbx.run(words)
    #expect(ended.status == 2)
    #expect(ended.errorOutput.contains(said), "\(ended.errorOutput)")
  }

  @Test(arguments: [
    ("helm repo list --bogus", "`helm repo list` has no flag `--bogus`"),
    ("helm upgrade --install c1 nats/nats --namesapce nats", "did you mean `--namespace`?"),
    ("helm list -Z", "`helm list` has no flag `-Z`"), ("let x = (helm --debug=true list --jsn)", "no flag `--jsn`"),
    ("helm uninstall ${clusters.first} --wait --bogus=1", "`helm uninstall` has no flag `--bogus`"),
    ("kubectl -n nats get pods --bogus", "`kubectl get` has no flag `--bogus`"),
    ("helm list '--jsn'", "no flag `--jsn`"), ("helm list --jsn=${clusters.first} --bogus", "no flag `--bogus`"),
    ("kubectl rollout restart sts x -n nats --timout 3s", "did you mean `--timeout`?"),
    ("if target.local { kubectl delete pod x --forse }", "did you mean `--force`?"),
  ]) func `a flag that no helm and no kubectl has`(_ statement: String, _ said: String) throws {
    for subcommand in ["check", "run", "plan"] {
      let ended = try nbx.run([subcommand, "<flags>"], recipe: "clusters c1\n\(statement)\n")
      #expect(ended.status == 2 && ended.output == "")
      #expect(ended.errorOutput.contains(said), "\(ended.errorOutput)")
    }
    #expect(!FileManager.default.fileExists(atPath: nbx.folder + "/home"))
  }

  @Test(arguments: [
    "helm repo list --no-headers", "helm list --max 5 -f x -d --debug", "helm --debug repo list", "helm ls --whatever",
    "helm upgrade a b --post-renderer ./x --dry-run=server --take-ownership --labels a=b -l c=d",
    "helm install nats/nats --generate-name", "helm upgrade a b --description \"--bogus\"", "helm repo --bogus list",
    "helm diff upgrade --bogus", "let f = [\"--bogus\"]\nhelm repo list ...$f", "exec helm repo list --bogus",
    "kubectl get pods -o yaml --show-labels -Ao wide -w", "kubectl get --raw /livez", "kubectl delete -f x.yaml -R",
    "kubectl apply -f - --bogus", "kubectl foo --bogus", "kubectl logs x -f --since=1m --all-containers",
    "kubectl get pods -- --bogus", "kubectl -nnats get pods --v=6", "kubectl wait --for delete pod/x --all-namespaces",
    "kubectl scale deploy web --replicas=2 --current-replicas=1", "kubectl create ns x --dry-run=client -o yaml",
  ]) func `a flag that the program takes, or may take`(_ statement: String) throws {
    let ended = try nbx.run(["check", "<flags>"], recipe: "clusters c1\n\(statement)\n")
    #expect(ended.status == 0, "\(ended.errorOutput)")
  }

  @Test(arguments: ["0", "65536", "-1", "http", "8380.5"]) func `a port is one from 1 to 65535`(_ port: String) throws {
    let ended = try nbx.run(["check", "<port>"], recipe: "during page serve \(port) { print 1 }\n")
    #expect(ended.status == 2)
    #expect(
      ended.errorOutput.contains("`page serve` takes a port from 1 to 65535, not `\(port)`"), "\(ended.errorOutput)")
  }

  @Test func `of thousands of warnings a person sees the first hundred, and data has them all`() throws {
    let recipe = "recipe \"many\"\n" + (0..<3000).map { "let name_\($0) = 1\n" }.joined()
    let shown = try nbx.run(["check", "<many>"], recipe: recipe)
    #expect(shown.status == 0)
    #expect(shown.errorOutput.components(separatedBy: "warning[unused-name]").count == 101)
    #expect(shown.errorOutput.contains("3000 warnings, the first 100 of them above; --json has them all"))
    let data = try nbx.run(["check", "<many>", "--json"], recipe: recipe)
    #expect(data.output.components(separatedBy: "unused-name").count == 3001)
  }
}
