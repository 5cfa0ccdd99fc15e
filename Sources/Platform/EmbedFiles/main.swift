import Foundation

// Writes the text files of a folder as Swift source: `EmbedFiles OUTPUT FOLDER FILE...`. The build runs it; see Plugins/EmbedFilesPlugin.

guard CommandLine.arguments.count > 2 else {
  FileHandle.standardError.write(Data("usage: EmbedFiles OUTPUT FOLDER FILE...\n".utf8))
  exit(2)
}
let output = CommandLine.arguments[1]
let folder = CommandLine.arguments[2] + "/"
var source = """
  /// Every file of the folder by its path within it, in their order.
  public let embeddedFiles: [(name: StaticString, text: StaticString)] = [

  """
for path in CommandLine.arguments.dropFirst(3).sorted() {
  guard let text = try? String(contentsOfFile: path, encoding: .utf8), path.hasPrefix(folder) else {
    FileHandle.standardError.write(Data("\(path): error: is no text in UTF-8 under \(folder)\n".utf8))
    exit(1)
  }
  // More number signs than any text holds, so that nothing in it ends the literal or stands for something else.
  source += "  (\"\(path.dropFirst(folder.count))\", #####\"\"\"\n\(text)\n\"\"\"#####),\n"
}
source += "]\n"
do { try source.write(toFile: output, atomically: true, encoding: .utf8) } catch {
  FileHandle.standardError.write(Data("\(output): error: \(error)\n".utf8))
  exit(1)
}
