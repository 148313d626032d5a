import Interpreter

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What kubectl does to pods and namespaces.
extension Sandbox {
  func createNamespace(_ namespace: String, in region: String, _ limits: CallLimits) throws(CommandFailure) {
    try lock.take(limits)
    try change(region) { region in
      if !region.namespaces.contains(namespace) { region.namespaces.append(namespace) }
    }
  }

  /// Takes a namespace away with its releases, its pods and their streams.
  func deleteNamespace(_ namespace: String, in region: String, _ limits: CallLimits) throws(CommandFailure) {
    try lock.take(limits)
    try turns.during([region, namespace], limits) { () throws(CommandFailure) in
      let record = try existingRegion(region)
      let pods = pods(of: region, namespace: namespace)
      try stop(pods, now: false, limits)
      try remove(pods, limits)
      try onThisMachine { () throws(MachineError) in
        try Folders.remove(folders.releases(region, namespace: namespace))
        try Folders.remove(folders.pods(region, namespace: namespace))
        try Folders.remove("\(record.store.folder)/\(namespace)")
      }
      try change(region) { $0.namespaces.removeAll { $0 == namespace } }
    }
  }

  /// Ends pods and starts them again as new processes, as their StatefulSet would.
  func deletePods(_ pods: [Pod], now: Bool, in region: String, _ limits: CallLimits) throws(CommandFailure) {
    let started = try inTurns(of: pods, region, limits) { pods, record throws(CommandFailure) in
      try stop(pods, now: now, limits)
      return try startAgain(pods, in: record, limits)
    }
    try settle(started, limits)
  }

  func restart(_ pods: [Pod], in region: String, _ limits: CallLimits) throws(CommandFailure) {
    try inTurns(of: pods, region, limits) { pods, record throws(CommandFailure) in
      try restart(pods, in: record, limits)
    }
  }

  /// Sets the number of a StatefulSet's servers; the next upgrade sets it as the values say.
  func scale(_ release: ReleaseRecord, to replicas: Int, _ limits: CallLimits) throws(CommandFailure) {
    try lock.take(limits)
    let identity = release.identity
    let started = try turns.during([identity.cluster, identity.namespace, identity.name], limits) {
      () throws(CommandFailure) in
      let region = try runningRegion(identity.cluster)
      var order = ReleaseOrder(identity: identity, values: release.valueMap, chartVersion: release.chartVersion)
      var record = release
      var started: [StartedPod] = []
      // The chart knows no release of no servers.
      if replicas == 0 {
        let pods = pods(of: region.name, namespace: identity.namespace, statefulSet: release.statefulSet)
        try stop(pods, now: false, limits)
        try remove(pods, limits)
      } else {
        order.scaledTo = replicas
        let plan = try plan(order, in: region, limits)
        try startRelaying(for: plan.listeners, limits)
        started = try carryOut(plan, in: region, limits)
      }
      record.replicas = replicas
      try save(record)
      return started
    }
    try settle(started, limits)
  }

  /// Does something to pods while it is their releases' turn; they are looked at anew when it is.
  private func inTurns<Result>(
    of pods: [Pod], _ region: String, _ limits: CallLimits,
    _ body: ([Pod], RegionRecord) throws(CommandFailure) -> Result
  ) throws(CommandFailure) -> Result {
    try lock.take(limits)
    let namespace = pods.first?.key.namespace ?? "default"
    let releases = Set(pods.map(\.record.release))
    // Pods of several releases: the whole namespace's turn.
    let scope = [region, namespace] + (releases.count == 1 ? Array(releases) : [])
    return try turns.during(scope, limits) { () throws(CommandFailure) in
      let record = try runningRegion(region)
      let keys = Set(pods.map(\.key))
      return try body(self.pods(of: region, namespace: namespace).filter { keys.contains($0.key) }, record)
    }
  }
}
