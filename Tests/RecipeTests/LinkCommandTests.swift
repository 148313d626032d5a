import TestSupport
import Testing

/// `link` as `nbx check`, `plan` and `run` have it, before anything is done.
@Suite(.mayWait) struct LinkCommandTests {
  let nbx: NbxProgram

  init() throws { nbx = try NbxProgram() }

  @Test(arguments: [
    ("link cut c1 c1", "a link joins two clusters, and this one begins and ends at c1"),
    ("link set c1 c2 --rtt -80ms", "`--rtt` takes a duration such as 30s, not `-80ms`"),
    ("link set c1 c2 --loss 100%", "`--loss` takes a share such as 1%, below 100%, not `100%`"),
    ("link heal with { \"c1 c2\": {} }", "`link heal` takes no document by `with`"),
    ("let link = 1", "link"),
  ]) func `check refuses what makes no sense`(recipe: String, said: String) throws {
    let ended = try nbx.run(["check", "<links>"], recipe: recipe + "\n")
    #expect(ended.status == 2)
    #expect(ended.errorOutput.contains(said), "\(ended.errorOutput)")
  }

  @Test func `a cluster that there is none of is refused before the run`() throws {
    let recipe = "print \"begun\"\nforeach c in clusters { link cut $c }\nlink cut c1 c9\nlink heal c8\n"
    for words in [["run", "<links>", "c1", "c2"], ["plan", "<links>", "c1", "c2"]] {
      let ended = try nbx.run(words, recipe: recipe)
      #expect(ended.status == 2)
      #expect(ended.output == "")
      #expect(ended.errorOutput.contains("this run has no cluster c9\n  --> "), "\(ended.errorOutput)")
      #expect(ended.errorOutput.contains(":3:13") && ended.errorOutput.contains("this run has no cluster c8"))
      #expect(ended.errorOutput.contains("try: did you mean c1?"), "\(ended.errorOutput)")
    }
  }

  @Test func `in a plan a matrix is checked, too`() throws {
    let ended = try nbx.run(
      ["plan", "<links>", "c1", "c2"], recipe: "link set with { \"c1 c7\": { rtt: 80ms } }\n")
    #expect(ended.status == 1)
    #expect(ended.errorOutput.contains("there is no cluster c7"), "\(ended.errorOutput)")
    let negative = try nbx.run(
      ["plan", "<links>", "c1", "c2"], recipe: "let rtt = -80ms\nlink set c1 c2 --rtt $rtt\n")
    #expect(negative.errorOutput.contains("`--rtt` takes a duration"), "\(negative.errorOutput)")
  }

  @Test func `a session refuses a cluster that there is none of`() throws {
    let ended = try nbx.repl("clusters c1 c2\nlink cut c1 c9\nprint \"on\"")
    #expect(ended.output.contains("this run has no cluster c9"), "\(ended.output)")
    #expect(ended.output.contains("on"))
  }

  @Test(arguments: ["eu-us-ap", "three-zones", "seed"]) func `every profile has all distances`(profile: String) throws {
    for clusters in [["c1", "c2"], ["c1", "c2", "c3"]] {
      let plan = try nbx.run(["plan", "recipes/links.nbx", "profile=\(profile)", "--full"] + clusters)
      #expect(plan.status == 0, "\(plan.errorOutput)")
      let pairs = clusters.count == 2 ? 1 : 3
      let networks = profile == "seed" ? 2 : 1
      #expect(plan.output.components(separatedBy: "rtt").count - 1 == pairs * networks, "\(plan.output)")
    }
  }

  @Test(arguments: [
    (["profile=nowhere"], "there is no profile nowhere; there are: eu-us-ap, three-zones, seed"),
    (["c1", "c2", "c3", "c4"], "the profile eu-us-ap has 3 places, and the run 4 clusters"),
  ]) func `what no profile has is said`(words: [String], said: String) throws {
    let plan = try nbx.run(["plan", "recipes/links.nbx"] + words)
    #expect(plan.status == 1)
    #expect(plan.errorOutput.contains(said), "\(plan.errorOutput)")
  }
}
