// swift-tools-version: 6.2
import PackageDescription

/// The modules of the runtime, which are built side by side, and which folders of Sources/Runtime each is. Nothing of it is for
/// other packages, hence `package` in it and never `public`.
let rooms = [
  "Verdicts": ["Verdicts"],
  "SandboxSystem": ["System", "Progress", "Targets", "Programs"],
  "SandboxNats": ["Nats"],
  "SandboxLocal": ["Local"],
  "SandboxKubernetes": ["Kubernetes"],
  "SandboxPicture": ["Pages", "Picture"],
  "SandboxRuntime": ["Report", "Commands", "Journal", "Host"],
]

/// A module of the runtime. A folder that no module names would be in all of them, which SwiftPM refuses.
func room(_ name: String, after others: [String] = []) -> Target {
  .target(
    name: name, dependencies: modules(["Machine", "Lexer", "ValuesAndCommands", "NATS"] + others),
    path: "Sources/Runtime",
    exclude: rooms.filter { $0.key != name }.flatMap(\.value).sorted(), cSettings: gnuSource)
}

/// The whole runtime, for those who may import any of it.
let runtime = rooms.keys.sorted()

func modules(_ names: [String]) -> [Target.Dependency] { names.map { .byName(name: $0) } }

/// Swift sees `pipe2`, `accept4` and their kin on Linux only with this.
let gnuSource: [CSetting] = [.define("_GNU_SOURCE", .when(platforms: [.linux]))]

/// The language is optimised in debug builds, too: tests run it by the million lines, which takes a fifth of the time then.
/// Where this package is another one's dependency, SwiftPM takes no such flags.
let isDependency = Context.packageDirectory.contains("/checkouts/")
let alwaysOptimized: [SwiftSetting] = isDependency ? [] : [.unsafeFlags(["-O"], .when(configuration: .debug))]

let package = Package(
  name: "nbx",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "nbx", targets: ["nbx"]),
    .library(name: "Interpreter", targets: ["Machine", "Lexer", "ValuesAndCommands", "Interpreter"]),
    .library(name: "NATS", targets: ["Machine", "NATS"]),
  ],
  targets: [
    // Limits, threads, locks and errors' words, for all that stands above.
    .target(name: "Machine", cSettings: gnuSource, swiftSettings: alwaysOptimized),
    .target(name: "Lexer", swiftSettings: alwaysOptimized),
    // What the runtime sees of the language, a module so that the runtime is built beside the rest of the interpreter.
    .target(
      name: "ValuesAndCommands", dependencies: ["Machine", "Lexer"], path: "Sources/Interpreter",
      exclude: ["Syntax", "Check", "Evaluate", "Editing", "Completion", "Format", "Session"],
      swiftSettings: alwaysOptimized),
    .target(
      name: "Interpreter", dependencies: ["Machine", "Lexer", "ValuesAndCommands"], exclude: ["Values", "Host"],
      swiftSettings: alwaysOptimized),
    .target(name: "LineEditor", dependencies: ["Machine", "Lexer"], cSettings: gnuSource),
    .target(name: "LanguageServer", dependencies: ["Lexer", "Interpreter"]),
    .target(name: "NATS", dependencies: ["Machine"], cSettings: gnuSource),
    // What histories show: pure functions, which know of no process and no server.
    .target(name: "Verdicts", path: "Sources/Runtime/Verdicts"),
    // What the four behind it share; none of them needs another of the four. (The toolchain has a module `Runtime` of its own,
    // hence the longer names.)
    room("SandboxSystem"),
    room("SandboxNats", after: ["SandboxSystem", "Verdicts"]),
    room("SandboxLocal", after: ["SandboxSystem"]),
    room("SandboxKubernetes", after: ["SandboxSystem"]),
    room("SandboxPicture", after: ["SandboxSystem"]),
    room("SandboxRuntime", after: runtime.filter { $0 != "SandboxRuntime" } + ["Interpreter"]),
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
        ["Lexer", "Interpreter", "LineEditor", "LanguageServer", "ShippedRecipes"] + runtime),
      // Without the table of symbols the program starts in four fifths of the time, and at a fixed address in two thirds of
      // that: else the loader writes 46,000 addresses first, into pages that no other process has.
      linkerSettings: [
        .unsafeFlags(
          ["-Xlinker", "-s", "-Xclang-linker", "-no-pie"], .when(platforms: [.linux], configuration: .release))
      ]),
    // Hands the calls of Tests/StandIns over to the Python that plays them.
    .executableTarget(name: "StandIn", path: "Tests/StandIns/Client", cSettings: gnuSource),
    // A test target, though it holds no tests: a release build passes over it.
    .testTarget(
      name: "TestSupport", dependencies: modules(["Interpreter"] + runtime), path: "Tests/Support"),
    .testTarget(name: "LexerTests", dependencies: ["Lexer", "TestSupport"]),
    .testTarget(name: "InterpreterTests", dependencies: ["Lexer", "Interpreter", "TestSupport"]),
    .testTarget(name: "LineEditorTests", dependencies: ["LineEditor", "TestSupport"]),
    .testTarget(name: "VerdictsTests", dependencies: ["Verdicts"]),
    .testTarget(name: "NATSTests", dependencies: ["Machine", "NATS", "TestSupport"]),
    .testTarget(
      name: "RuntimeTests",
      dependencies: modules(
        ["Machine", "Lexer", "Interpreter", "NATS", "TestSupport"] + runtime)),
    .testTarget(
      name: "RecipeTests",
      dependencies: modules(["Lexer", "Interpreter", "TestSupport", "nbx"] + runtime)),
  ]
)
