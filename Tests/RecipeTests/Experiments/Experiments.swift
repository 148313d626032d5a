import Testing

/// The recipes under `recipes/experiments`, on real servers. All share one sandbox of three regions, so they run one after
/// the other.
///
/// An experiment's tests are an extension in a file of its own:
///
/// ```swift
/// extension Experiments {
///   @Suite struct RegionLoss {
///     let sandbox = ExperimentSandbox.shared
///
///     @Test func `nothing acknowledged is lost`() throws {
///       let run = try sandbox.run("region-loss")
///       #expect(run.status == 0, "\(run.errorOutput)")
///     }
///   }
/// }
/// ```
@Suite(.serialized, .withManyServers, .withSharedSandbox) struct Experiments {}
