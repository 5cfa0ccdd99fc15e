import Foundation
import PackagePlugin

/// Makes the files beside a target, in the folder `Files`, part of the program: `embeddedFiles` of that target.
@main
struct EmbedFilesPlugin: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) async throws -> [Command] {
    let folder = target.directoryURL.deletingLastPathComponent().appendingPathComponent("Files").standardizedFileURL
    let everything = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.allObjects ?? []
    // The folders too: one that gets a file has changed, and the tool then looks for itself what there is.
    let inputs = [folder] + everything.compactMap { $0 as? URL }.sorted { $0.path < $1.path }
    let output = context.pluginWorkDirectoryURL.appendingPathComponent("EmbeddedFiles.swift")
    return [
      .buildCommand(
        displayName: "Embedding the files of \(folder.deletingLastPathComponent().lastPathComponent)", executable: try context.tool(named: "EmbedFiles").url,
        arguments: [output.path, folder.path], inputFiles: inputs, outputFiles: [output])
    ]
  }
}
