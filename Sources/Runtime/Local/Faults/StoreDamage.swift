import SandboxSystem
import ValuesAndCommands

/// What was done to the store of a server that does not run, and where that lies which was there before.
///
/// It can be undone until the server runs: from then on the files are what the server has made of them.
package struct StoreDamage: Codable, Equatable, Sendable {
  enum Kind: String, Codable, Sendable {
    case bitFlip = "bit-flip"
    case cutOff = "cut-off"
    case setBack = "set-back"
  }

  let kind: Kind
  /// The file, as a path in the store; empty: the whole store.
  let file: String
  /// More of it, for people: `ORDERS, bit 3 of byte 4711`.
  let words: String

  /// Where what a pod's store was before lies beside it: in the region's folder, so that it goes with that.
  static func keptFolder(_ record: PodRecord) -> String { "\(record.store).kept" }
  static func copies(_ record: PodRecord) -> String { "\(record.store).copies" }
  static func copy(_ name: String, of record: PodRecord) -> String { "\(copies(record))/\(name)" }

  /// The store is from here on what it is.
  static func settle(_ record: inout PodRecord) {
    guard record.damage != nil else { return }
    // What stays of it takes room, and goes with the region.
    try? Folders.remove(keptFolder(record))
    record.damage = nil
  }

  // MARK: Doing it

  /// Changes a file of the store, and keeps what it was; the same again changes nothing.
  static func change(
    _ file: String, of record: inout PodRecord, _ kind: Kind, _ words: String,
    _ change: (inout [UInt8]) -> Void
  ) throws(CommandFailure) {
    let damage = StoreDamage(kind: kind, file: file, words: words)
    var all = record.damage ?? []
    if all.contains(damage) { return }
    let path = "\(record.store)/\(file)"
    guard var bytes = Paths.bytes(at: path) else {
      throw CommandFailure(.failed, "\(path) cannot be read: \(errorText(errno))")
    }
    let store = record.store
    let kept = kept(all.count, record)
    change(&bytes)
    try onThisMachine { () throws(MachineError) in
      try Folders.make(keptFolder(record))
      try Folders.copy(path, to: kept)
      try AtomicFile.write(bytes, to: "\(store)/\(file)")
    }
    all.append(damage)
    record.damage = all
  }

  /// Puts a copy in the store's place.
  ///
  /// - Parameter trace: what the server has synced since the copy stays as it is; nil: nothing does.
  static func setBack(
    _ record: inout PodRecord, to name: String, keeping trace: SyncTrace?
  ) throws(CommandFailure) {
    let copy = copy(name, of: record)
    guard Folders.isFolder(copy) else {
      let names = StateFile.names(in: copies(record))
      throw CommandFailure(
        .misused, "there is no copy \(name) of \(record.serverName ?? record.key.name)",
        advice: names.isEmpty
          ? "make one first: fault copy \(record.serverName ?? record.key.name) \(name)"
          : "there are: \(names.joined(separator: ", "))")
    }
    let damage = StoreDamage(kind: .setBack, file: "", words: "to \(name)")
    var all = record.damage ?? []
    if all.last == damage { return }
    let store = record.store
    let kept = kept(all.count, record)
    let folder = keptFolder(record)
    try onThisMachine { () throws(MachineError) in
      try Folders.make(folder)
      try Folders.remove(kept)
      if Folders.isFolder(store) { try Folders.move(store, to: kept) } else { try Folders.make(kept) }
      try Folders.copy(copy, to: store)
      if let trace { try keep(trace, of: "", in: store, from: kept) }
    }
    all.append(damage)
    record.damage = all
  }

  /// Gives a folder of the store, by its path in it, what of it was synced.
  private static func keep(
    _ trace: SyncTrace, of folder: String, in store: String, from kept: String
  ) throws(MachineError) {
    for name in Folders.names(in: kept + folder) {
      let path = "\(folder)/\(name)"
      if Folders.isFolder(kept + path) {
        let isNew = !Folders.isFolder(store + path)
        if isNew { try Folders.make(store + path) }
        try keep(trace, of: path, in: store, from: kept)
        // One of which nothing was synced is gone.
        if isNew, !trace.isSynced(store + path), Folders.names(in: store + path).isEmpty {
          try Folders.remove(store + path)
        }
      } else if trace.isSynced(store + path)
        || access(store + path, F_OK) != 0 && trace.isSynced(store + folder)
      {
        try Folders.remove(store + path)
        try Folders.copy(kept + path, to: store + path)
      }
    }
  }

  /// Puts everything back as it was when the server ran last.
  static func undo(_ record: inout PodRecord) throws(CommandFailure) {
    let all = record.damage ?? []
    for (index, damage) in all.enumerated().reversed() {
      let path = damage.file.isEmpty ? record.store : "\(record.store)/\(damage.file)"
      let kept = kept(index, record)
      try onThisMachine { () throws(MachineError) in
        if damage.file.isEmpty { try Folders.remove(path) }
        try Folders.move(kept, to: path)
      }
    }
    settle(&record)
  }

  private static func kept(_ index: Int, _ record: PodRecord) -> String { "\(keptFolder(record))/\(index)" }
}

/// Where a server has what of a stream.
struct StreamFiles {
  let record: PodRecord
  let stream: String

  /// The folder of the stream's messages, in the store.
  ///
  /// - Throws: where it is in none of the accounts, or in several.
  func messages() throws(CommandFailure) -> String {
    let root = "jetstream"
    let accounts = StateFile.names(in: "\(record.store)/\(root)").filter { account in
      Folders.isFolder("\(record.store)/\(root)/\(account)/streams/\(stream)")
    }
    let server = record.serverName ?? record.key.name
    guard let account = accounts.first else {
      throw CommandFailure(
        .failed, "\(server) has nothing of a stream \(stream)",
        advice: "see where its copies are: nats stream info \(stream)")
    }
    guard accounts.count == 1 else {
      throw CommandFailure(
        .failed, "\(server) has a stream \(stream) in each of several accounts: \(accounts.joined(separator: ", "))",
        advice: "make one of another name for what is to be broken")
    }
    return "\(root)/\(account)/streams/\(stream)/msgs"
  }

  /// The stream's blocks in their order, as paths in the store, with what each holds in bytes.
  func blocks() throws(CommandFailure) -> [(file: String, size: Int)] {
    let folder = try messages()
    let blocks = StateFile.names(in: "\(record.store)/\(folder)").compactMap { name -> (number: Int, file: String)? in
      guard name.hasSuffix(".blk"), let number = Int(name.dropLast(4)) else { return nil }
      return (number, "\(folder)/\(name)")
    }
    return blocks.sorted { $0.number < $1.number }.map { ($0.file, size($0.file)) }
  }

  /// The index of its blocks, which a server writes when it is asked to end, and now and then.
  func index() throws(CommandFailure) -> String {
    let file = "\(try messages())/index.db"
    guard size(file) > 0 else {
      throw CommandFailure(
        .failed, "\(record.serverName ?? record.key.name) has no index of \(stream)",
        advice: "one that is asked to end writes it, one that is killed does not: region stop \(record.key.cluster)")
    }
    return file
  }

  /// What the log of its copies was last shortened to.
  ///
  /// - Parameter group: of the stream's copies, as servers call it.
  func snapshot(of group: String) throws(CommandFailure) -> String {
    let folder = "jetstream/$SYS/_js_/\(group)/snapshots"
    // `snap.TERM.INDEX`
    let all = StateFile.names(in: "\(record.store)/\(folder)").map { name in
      (name: name, numbers: name.split(separator: ".").compactMap { Int($0) })
    }
    guard let last = all.max(by: { $0.numbers.lexicographicallyPrecedes($1.numbers) }) else {
      throw CommandFailure(
        .failed, "\(record.serverName ?? record.key.name) has no snapshot of \(stream) yet",
        advice: "servers write one some minutes after the log of the copies has grown: write more, and wait; or cut "
          + "off another part: index, block")
    }
    return "\(folder)/\(last.name)"
  }

  func size(_ file: String) -> Int {
    var facts = stat()
    return stat("\(record.store)/\(file)", &facts) == 0 ? Int(facts.st_size) : 0
  }
}
