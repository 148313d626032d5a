#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

// What the system's own calls are declared in is called differently on each system: whoever imports this module has them.
#if canImport(Glibc)
  @_exported import Glibc
#elseif canImport(Musl)
  @_exported import Musl
#else
  @_exported import Darwin
#endif

/// What this process was given by whoever started it.
package var ownEnvironment: [String: String] { ProcessInfo.processInfo.environment }
