// swift-tools-version: 6.2
import PackageDescription

/// Swift sees `pipe2`, `accept4` and their kin on Linux only with this.
let gnuSource: [CSetting] = [.define("_GNU_SOURCE", .when(platforms: [.linux]))]

/// What stands between the interpreter and the runtime's host. Each needs the first and none of the others.
let sandboxes = ["SandboxSystem", "SandboxNats", "SandboxLocal", "SandboxKubernetes", "SandboxPicture"]

/// What a module of the runtime, the program and their tests may import.
func modules(_ names: [String]) -> [Target.Dependency] { names.map { .byName(name: $0) } }

/// Some folders of Sources/Runtime as a module.
func room(_ name: String, _ folders: [String], after others: [String] = []) -> Target {
  .target(
    name: name, dependencies: modules(["Machine", "Lexer", "Interpreter", "NATS"] + others), path: "Sources/Runtime",
    sources: folders, cSettings: gnuSource)
}

let package = Package(
  name: "nbx",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "nbx", targets: ["nbx"]),
    .library(name: "Interpreter", targets: ["Machine", "Lexer", "Interpreter"]),
    .library(name: "NATS", targets: ["Machine", "NATS"]),
  ],
  targets: [
    // Limits, threads, locks and errors' words, for all that stands above.
    .target(name: "Machine", cSettings: gnuSource),
    .target(name: "Lexer"),
    .target(name: "Interpreter", dependencies: ["Machine", "Lexer"]),
    .target(name: "LineEditor", dependencies: ["Machine", "Lexer"], cSettings: gnuSource),
    .target(name: "LanguageServer", dependencies: ["Lexer", "Interpreter"]),
    .target(name: "NATS", dependencies: ["Machine"], cSettings: gnuSource),
    // The runtime, in modules that are built side by side: each is some of the folders of Sources/Runtime. Nothing of it is
    // for other packages, hence `package` in it and never `public`. (The toolchain has a module `Runtime` of its own.)
    room("SandboxSystem", ["System", "Progress", "Targets", "Programs"]),
    room("SandboxNats", ["Nats"], after: ["SandboxSystem"]),
    room("SandboxLocal", ["Local"], after: ["SandboxSystem"]),
    room("SandboxKubernetes", ["Kubernetes"], after: ["SandboxSystem"]),
    room("SandboxPicture", ["Pages", "Picture"], after: ["SandboxSystem"]),
    room("SandboxRuntime", ["Commands", "Journal", "Host"], after: sandboxes),
    // The folder `recipes`, in the program itself.
    // The link to it in the target's folder makes SwiftPM plan anew when a recipe comes or goes.
    .target(name: "ShippedRecipes", exclude: ["recipes"], plugins: ["EmbedRecipes"]),
    .plugin(
      name: "EmbedRecipes", capability: .buildTool(), dependencies: ["embed-recipes"],
      path: "Sources/EmbedRecipes/Plugin"),
    .executableTarget(name: "embed-recipes", path: "Sources/EmbedRecipes/Tool"),
    .executableTarget(
      name: "nbx",
      dependencies: modules(
        ["Lexer", "Interpreter", "LineEditor", "LanguageServer", "ShippedRecipes", "SandboxRuntime"] + sandboxes),
      // Without the table of symbols the program starts in four fifths of the time, and at a fixed address in two thirds of
      // that: else the loader writes 46,000 addresses first, into pages that no other process has.
      linkerSettings: [
        .unsafeFlags(
          ["-Xlinker", "-s", "-Xclang-linker", "-no-pie"], .when(platforms: [.linux], configuration: .release))
      ]),
    // Hands the calls of Tests/StandIns over to the Python that plays them.
    .executableTarget(name: "StandIn", path: "Tests/StandIns/Client", cSettings: gnuSource),
    .testTarget(
      name: "TestSupport", dependencies: modules(["Interpreter", "SandboxRuntime"] + sandboxes), path: "Tests/Support"),
    .testTarget(name: "LexerTests", dependencies: ["Lexer", "TestSupport"]),
    .testTarget(name: "InterpreterTests", dependencies: ["Lexer", "Interpreter", "TestSupport"]),
    .testTarget(name: "LineEditorTests", dependencies: ["LineEditor", "TestSupport"]),
    .testTarget(name: "NATSTests", dependencies: ["Machine", "NATS", "TestSupport"]),
    .testTarget(
      name: "RuntimeTests",
      dependencies: modules(
        ["Machine", "Lexer", "Interpreter", "NATS", "SandboxRuntime", "TestSupport"] + sandboxes)),
    .testTarget(
      name: "RecipeTests",
      dependencies: modules(["Lexer", "Interpreter", "SandboxRuntime", "TestSupport", "nbx"] + sandboxes)),
  ]
)
