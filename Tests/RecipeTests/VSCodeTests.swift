import Foundation
import SandboxSystem
import TestSupport
import Testing

/// The extension for VS Code with the real `nbx lsp`, in a real Node; a stand-in takes the editor's place.
@Suite(.mayWait) struct VSCodeTests {
  private struct Found: Decodable, Equatable {
    var providers: [String]
    var clean: [String]
    var hover: String
    var definition: [Definition]
    var references: [Int]
    var rename: [Edit]
    var symbols: [String]
    var tokens, completion, formatting: Bool
    var broken: [Finding]
    var again, left, missing: Int
    var errors, stale, everywhere: [String]
  }

  /// `[same file, line]`
  private struct Definition: Decodable, Equatable {
    let isHere: Bool
    let line: Int
    init(from decoder: any Decoder) throws {
      var list = try decoder.unkeyedContainer()
      isHere = try list.decode(Bool.self)
      line = try list.decode(Int.self)
    }
  }

  /// `[line, new text]`
  private struct Edit: Decodable, Equatable {
    let line: Int
    let text: String
    init(from decoder: any Decoder) throws {
      var list = try decoder.unkeyedContainer()
      line = try list.decode(Int.self)
      text = try list.decode(String.self)
    }
  }

  /// `[line, severity]`
  private struct Finding: Decodable, Equatable {
    let line, severity: Int
    init(from decoder: any Decoder) throws {
      var list = try decoder.unkeyedContainer()
      line = try list.decode(Int.self)
      severity = try list.decode(Int.self)
    }
  }

  @Test func `the extension brings all that the server knows`() throws {
    let nbx = try NbxProgram()
    let recipe = try nbx.write(
      """
      recipe "greetings"
      clusters c1
      task greet(name) { print "hello $name" }
      greet("you")
      print (nats server list).count

      """, to: "greetings.nbx")
    var node = Subprocess("node", [NbxProgram.repository + "/Tests/Editors/vscode.js", NbxProgram.path, recipe])
    node.environment = nbx.environment
    node.limit.until = .now + .seconds(180)
    let result = try node.run()
    #expect(result.succeeded, "\(String(decoding: result.errorOutput, as: UTF8.self))")
    let found = try JSONDecoder().decode(Found.self, from: Data(result.output))
    #expect(
      found.providers == [
        "completion", "definition", "formatting", "hover", "references", "rename", "semanticTokens", "symbols",
      ])
    #expect(found.clean == [])
    #expect(found.hover.contains("nats"))
    #expect(found.definition.map(\.line) == [2] && found.definition.allSatisfy(\.isHere))
    #expect(found.references == [2, 3])
    #expect(found.rename.map(\.line) == [2, 3] && found.rename.allSatisfy { $0.text == "welcome" })
    #expect(found.symbols.contains { $0.hasPrefix("greet") })
    #expect(found.tokens && found.completion && found.formatting)
    #expect(found.broken.contains { $0.line == 5 && $0.severity == 0 })
    #expect(found.stale.contains { $0.contains("`add`") })
    #expect(found.everywhere == ["lib.nbx", "second.nbx", "unopened.nbx"])
    // Started again it offers all of it, ended nothing; what can't be started is told.
    #expect(found.again == 8 && found.left == 0 && found.errors == [] && found.missing == 1)
  }
}
