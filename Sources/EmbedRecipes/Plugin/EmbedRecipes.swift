import Foundation
import PackagePlugin

/// Makes one Swift source of the folder `recipes` before the target that asks for it is built.
@main
struct EmbedRecipes: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let recipes = context.package.directoryURL.appending(path: "recipes", directoryHint: .isDirectory)
    let source = context.pluginWorkDirectoryURL.appending(path: "ShippedFiles.swift")
    return [
      .buildCommand(
        displayName: "Putting the recipes into the program",
        executable: try context.tool(named: "embed-recipes").url,
        arguments: [recipes.path(percentEncoded: false), source.path(percentEncoded: false)],
        inputFiles: inputs(recipes), outputFiles: [source])
    ]
  }

  /// The folders beside the files: one changes with the names in it, so that a new recipe is noticed, and one that went.
  private func inputs(_ folder: URL) -> [URL] {
    let all = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    return [folder] + (all?.compactMap { $0 as? URL } ?? [])
  }
}
