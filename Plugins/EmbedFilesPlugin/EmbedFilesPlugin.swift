import Foundation
import PackagePlugin

/// Makes the files beside a target, in the folder `Files`, part of the program: `embeddedFiles` of that target.
@main
struct EmbedFilesPlugin: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) async throws -> [Command] {
    let folder = target.directoryURL.deletingLastPathComponent().appendingPathComponent("Files").standardizedFileURL
    let everything = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.isRegularFileKey])?.allObjects ?? []
    let files = everything.compactMap { $0 as? URL }
      .filter { (try? $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true && !$0.lastPathComponent.hasPrefix(".") }
      .sorted { $0.path < $1.path }
    let output = context.pluginWorkDirectoryURL.appendingPathComponent("EmbeddedFiles.swift")
    return [
      .buildCommand(
        displayName: "Embedding \(files.count) files", executable: try context.tool(named: "EmbedFiles").url,
        arguments: [output.path, folder.path] + files.map(\.path), inputFiles: files, outputFiles: [output])
    ]
  }
}
