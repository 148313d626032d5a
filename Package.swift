// swift-tools-version: 6.2
import PackageDescription

/// Swift sees `pipe2`, `accept4` and their kin on Linux only with this.
let gnuSource: [CSetting] = [.define("_GNU_SOURCE", .when(platforms: [.linux]))]

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
    // What histories show: pure functions, which know of no process and no server.
    .target(name: "Verdicts", path: "Sources/Runtime/Verdicts"),
    // The toolchain has a module `Runtime` of its own, hence the longer name.
    .target(
      name: "SandboxRuntime", dependencies: ["Machine", "Lexer", "Interpreter", "NATS", "Verdicts"],
      path: "Sources/Runtime", exclude: ["Verdicts"], cSettings: gnuSource),
    // The folder `recipes`, in the program itself.
    // The link to it in the target's folder makes SwiftPM plan anew when a recipe comes or goes.
    .target(name: "ShippedRecipes", exclude: ["recipes"], plugins: ["EmbedRecipes"]),
    .plugin(
      name: "EmbedRecipes", capability: .buildTool(), dependencies: ["embed-recipes"],
      path: "Sources/EmbedRecipes/Plugin"),
    .executableTarget(name: "embed-recipes", path: "Sources/EmbedRecipes/Tool"),
    .executableTarget(
      name: "nbx",
      dependencies: ["Lexer", "Interpreter", "LineEditor", "LanguageServer", "SandboxRuntime", "ShippedRecipes"],
      // Without the table of symbols the program starts in four fifths of the time, and at a fixed address in two thirds of
      // that: else the loader writes 46,000 addresses first, into pages that no other process has.
      linkerSettings: [
        .unsafeFlags(
          ["-Xlinker", "-s", "-Xclang-linker", "-no-pie"], .when(platforms: [.linux], configuration: .release))
      ]),
    // Hands the calls of Tests/StandIns over to the Python that plays them.
    .executableTarget(name: "StandIn", path: "Tests/StandIns/Client", cSettings: gnuSource),
    .target(name: "TestSupport", dependencies: ["Interpreter", "SandboxRuntime"], path: "Tests/Support"),
    .testTarget(name: "LexerTests", dependencies: ["Lexer", "TestSupport"]),
    .testTarget(name: "InterpreterTests", dependencies: ["Lexer", "Interpreter", "TestSupport"]),
    .testTarget(name: "LineEditorTests", dependencies: ["LineEditor", "TestSupport"]),
    .testTarget(name: "VerdictsTests", dependencies: ["Verdicts"]),
    .testTarget(name: "NATSTests", dependencies: ["Machine", "NATS", "TestSupport"]),
    .testTarget(
      name: "RuntimeTests",
      dependencies: [
        "Machine", "Lexer", "Interpreter", "NATS", "Verdicts", "SandboxRuntime", "TestSupport",
      ]),
    .testTarget(
      name: "RecipeTests", dependencies: ["Lexer", "Interpreter", "Verdicts", "SandboxRuntime", "TestSupport", "nbx"]),
  ]
)
