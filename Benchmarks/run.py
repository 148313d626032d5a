"""Measures nbx beside what a user would take instead, and prints one table. README.md beside this file tells more."""

import argparse
import os
import platform
import shutil
import signal
import sys
import tempfile

import editing
import formatting
import generators
import links
import repl
from clients import ROWS as CLIENT_ROWS
from clients import ClientRows
from measuring import Failed, Launcher
from orchestration import CostRows, OrchestrationRows
from rows import QuickRows
from sandbox import Sandbox, SandboxRows
from tools import Tools

QUICK_ROWS = ["start-up", "repl", "check", "fmt", "loop"]
SANDBOX_ROWS = ["install", "again", "server-list", "memory", "link-idle"]
ORCHESTRATION_ROWS = ["orchestrate", "chain", "twelve"]
ROWS = QUICK_ROWS + editing.ROWS + SANDBOX_ROWS + ["cost"] + ORCHESTRATION_ROWS + list(CLIENT_ROWS) + links.ROWS


def arguments():
    parser = argparse.ArgumentParser(description="Measures nbx beside what a user would take instead.")
    parser.add_argument("--nbx", metavar="PATH", help="a built nbx, in place of building one")
    parser.add_argument("--quick", action="store_true", help="fewer runs: a look, not a figure to quote")
    parser.add_argument("--only", metavar="NAME", choices=ROWS, action="append",
                        help=f"this row alone, repeatable: {', '.join(ROWS)}")
    parser.add_argument("--check", action="store_true", help="exit with status 1 if a row misses what it must reach")
    return parser.parse_args()


def machine():
    """Cores, memory, system, and how busy it is: without these a figure says little."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return (f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()} {platform.machine()}, "
            f"Python {platform.python_version()}, load {load:.1f} at the start")


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def measure_quick(names, tools, launcher, folder, count):
    files = generators.write_all(folder)
    environment = {**os.environ, "NBX_HOME": os.path.join(folder, "home"), "XDG_CONFIG_HOME": folder}
    quick = QuickRows(tools, files, launcher, environment, progress)
    measures = {
        "start-up": quick.start_up, "repl": lambda count: repl.measure(tools, files, environment, progress, count),
        "check": quick.check, "loop": quick.loop,
        "fmt": lambda count: formatting.measure(tools, files, launcher, environment, folder, progress, count)}
    return [row for name in QUICK_ROWS if name in names for row in measures[name](count)]


def measure_sandbox(names, tools, launcher, folder, installs, lists):
    files = generators.write_all(folder)
    sandbox = Sandbox(tools, launcher)
    try:
        rows = SandboxRows(sandbox, files, progress)
        rows.measure(names, installs, lists)
        return rows.result(names)
    finally:
        # From here on a further Ctrl-C changes nothing.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: None)
        progress("removing everything")
        sandbox.remove()


def measure_orchestration(names, tools, launcher, folder, quick):
    files = generators.write_all(folder)
    rows = []
    if "cost" in names:
        rows += CostRows(tools, files, launcher, folder, progress).measure(5 if quick else 20)
    if names & set(ORCHESTRATION_ROWS):
        orchestration = OrchestrationRows(tools, launcher, folder, progress)
        # One after the other takes long. The others would, scaled further down, measure this machine.
        plan = {"orchestrate": (1, 50 if quick else 10), "chain": (1 if quick else 5, 10), "twelve": (1 if quick else 5, 10)}
        for name in ORCHESTRATION_ROWS:
            if name in names:
                rows += getattr(orchestration, name)(*plan[name])
    return rows


def table(rows):
    header = ["", "nbx: least / median / most", "beside", "least / median / most", "ratio", "must reach", ""]
    lines = [
        [f"{row.name}: {row.what}", row.ours, row.against, row.theirs, f"{row.ratio:.2f}{row.meaning}", row.bound_text,
         row.verdict]
        for row in rows]
    widths = [max(len(line[column]) for line in [header] + lines) for column in range(len(header))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()
                     for line in [header] + lines)


def main():
    options = arguments()
    names = set(options.only or ROWS)
    counts = (5, 2) if options.quick else (20, 5)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    tools = Tools(options.nbx)
    print(machine())
    folder = tempfile.mkdtemp(prefix="nbx-bench-")
    launcher = None
    try:
        # All that is to be built or fetched, before anything is measured.
        needed = {"check": ["just"], "install": ["nats_server"], "server-list": ["nats_py"]}
        needed |= {name: ["nats_server", "nats_py", "nats_c"] for name in CLIENT_ROWS}
        needed |= {"link-rtt": ["nats_server"], "link-throughput": ["nats_server", "nats_c"]}
        for tool in ["nbx"] + [tool for name in names for tool in needed.get(name, [])]:
            getattr(tools, tool)
        launcher = Launcher()
        rows = measure_quick(names, tools, launcher, folder, counts[0])
        if names & set(editing.ROWS):
            home = {"NBX_HOME": os.path.join(folder, "home"), "XDG_CONFIG_HOME": folder}
            rows += editing.measure(names, tools, home, counts[0])
        if names & set(SANDBOX_ROWS):
            rows += measure_sandbox(names, tools, launcher, folder, counts[1], counts[0])
        rows += measure_orchestration(names, tools, launcher, folder, options.quick)
        if names & set(CLIENT_ROWS):
            rows += ClientRows(tools, launcher, progress).measure(names, counts[0])
        if names & set(links.ROWS):
            rows += links.LinkRows(tools, launcher, progress).measure(names, counts[0])
    except Failed as problem:
        progress("")
        sys.exit(f"error: {problem}")
    except KeyboardInterrupt:
        progress("")
        sys.exit(130)
    finally:
        if launcher:
            launcher.close()
        shutil.rmtree(folder, ignore_errors=True)
    progress("")
    print(table(rows))
    for note in [row.note for row in rows if row.note]:
        print(note)
    if options.check and any(row.verdict == "MISS" for row in rows):
        sys.exit(1)


main()
