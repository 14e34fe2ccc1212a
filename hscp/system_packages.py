"""What the portal needs from Debian's packages: installed if missing and we may, else named with the command to type.

Run by make, the first time with the system's own Python: ``python hscp/system_packages.py NEED...``. It imports nothing
but the standard library and exits 1 if something is still missing.
"""

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Need:
    """Something the portal needs: how to tell that it is there, and the packages that bring it."""

    purpose: str
    is_there: Callable[[], bool]
    packages: tuple[str, ...]


def has_library(*names: str) -> bool:
    """Whether all the shared libraries can be loaded."""
    try:
        for name in names:
            ctypes.CDLL(name)
    except OSError:
        return False
    return True


def has_program(*names: str) -> bool:
    """Whether one of the programs is on the path."""
    return any(shutil.which(name) for name in names)


def has_venv() -> bool:
    """Whether this Python can make a virtual environment: Debian keeps part of that in a package of its own."""
    return bool(importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"))


NEEDS = {
    "venv": Need("make Python's virtual environment", has_venv, ("python3-venv",)),
    "pango": Need(
        "make PDFs",
        lambda: has_library("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0"),
        ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"),
    ),
    "chromium": Need("test in a browser", lambda: has_program("chromium"), ("chromium",)),
}


def main(names: list[str]) -> int:
    """See to the named needs. Returns the exit code: 1 if something is still missing."""
    missing = [NEEDS[name] for name in names if not NEEDS[name].is_there()]
    if not missing:
        return 0
    packages = [package for need in missing for package in need.packages]
    print(f"Missing on this machine: {' '.join(packages)} (to {' and to '.join(need.purpose for need in missing)}).")
    if install(packages) and all(need.is_there() for need in missing):
        return 0
    print(f"Install what is missing, then try again:  sudo apt-get install {' '.join(packages)}", file=sys.stderr)
    return 1


def install(packages: list[str]) -> bool:
    """Install Debian packages, as root or with a sudo that asks for no password. Returns whether that was possible."""
    prefix = rights()
    if prefix is None or not has_program("apt-get"):
        return False
    print("Installing ...", flush=True)
    apt_get = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    steps = [[*apt_get, "update"], [*apt_get, "install", "-y", "--no-install-recommends", *packages]]
    return all(subprocess.run(step, stdout=subprocess.DEVNULL, check=False).returncode == 0 for step in steps)


def rights() -> list[str] | None:
    """What to put before a command to run it as root: nothing, or sudo; None if we may not."""
    if os.geteuid() == 0:
        return []
    if has_program("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0:
        return ["sudo", "-n"]
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
