import Foundation

// Writes the text files of a folder as Swift source: `EmbedFiles OUTPUT FOLDER`. The build runs it; see Plugins/EmbedFilesPlugin.

guard CommandLine.arguments.count == 3 else {
  FileHandle.standardError.write(Data("usage: EmbedFiles OUTPUT FOLDER\n".utf8))
  exit(2)
}
let output = CommandLine.arguments[1]
let folder = CommandLine.arguments[2] + "/"
var source = """
  /// Every file of the folder by its path within it, in their order.
  public let embeddedFiles: [(name: StaticString, text: StaticString)] = [

  """
let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
for name in names.sorted() where !name.split(separator: "/").contains(where: { $0.hasPrefix(".") }) {
  let path = folder + name
  var isFolder: ObjCBool = false
  if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue { continue }
  guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
    FileHandle.standardError.write(Data("\(path): error: is no text in UTF-8\n".utf8))
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
