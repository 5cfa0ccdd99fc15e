import ArgumentParser
import Foundation

/// Why a command cannot go on, in one line that says what to do.
struct CommandFault: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// Runs a command's work, and turns a failure into one line on standard error and exit code 1.
func reportingFaults(_ body: () async throws -> Void) async throws {
  do { try await body() } catch let code as ExitCode {
    throw code
  } catch {
    FileHandle.standardError.write(Data("tiffin: \(error)\n".utf8))
    throw ExitCode(1)
  }
}
