/// Python's installer. It runs in the topmost folder, where only the machine's owner puts files: `python3 -m pip` takes a
/// `pip.py` of the current folder, whoever has put it there, before pip itself. `-E` does the same for the folders of a
/// PYTHONPATH. It is not `-I`: that would pass over a pip that was installed for its user alone.
struct Pip {
  let environment: [String: String]

  func command(_ arguments: [String]) -> Subprocess {
    // Looked up from where nbx runs, as its PATH is meant from there.
    let python = try? ProgramLookup.find("python3", path: environment["PATH"], from: nil)
    var pip = Subprocess(python ?? "python3", ["-E", "-m", "pip"] + arguments, environment: environment)
    pip.workingDirectory = "/"
    return pip
  }
}
