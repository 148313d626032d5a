import TestSupport
import Testing

/// What needs three regions of real servers: the main job, and each of the recipes under `recipes/experiments` once. All
/// share one sandbox, so they run one after the other.
///
/// An experiment's test is an extension in a file of its own, with the tests of its logic beside it, which run on a scripted
/// supercluster:
///
/// ```swift
/// extension Experiments {
///   @Suite struct RegionLoss {
///     let sandbox: ExperimentSandbox
///
///     init() throws { sandbox = try ExperimentSandbox.shared }
///
///     @Test func `nothing acknowledged is lost`() throws {
///       let run = try sandbox.run("region-loss")
///       #expect(run.status == 0, "\(run.errorOutput)")
///     }
///   }
/// }
/// ```
@Suite(.serialized, .withManyServers, .withSharedSandbox) struct Experiments {}

/// What four real servers tell as well as 36.
@Suite(.serialized, .mayWait, .withSmallSandbox) struct SmallSandbox {}
