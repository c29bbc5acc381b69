"""Make the virtual environment and install pinned requirements, showing how far it is.

Run as a file, by any Python found on the machine: `python3 billing_desk/demo/install.py .venv requirements.txt`.
Standard library only, and no syntax newer than Python 3.6, so that an old Python can still say what is wrong.
"""

import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)


def say(text: str) -> None:
    """Show one line at once, also through a pipe."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def pinned(path: Path) -> int:
    """Return how many packages a requirements file pins, with the files it includes."""
    count = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            count += pinned(path.parent / line[3:].strip())
        elif "==" in line and not line.startswith("#"):
            count += 1
    return count


def make_environment(venv: Path) -> None:
    """Make the virtual environment unless a usable one stands there."""
    python = venv / "bin" / "python"
    if python.exists() and subprocess.call([str(python), "-m", "pip", "--version"], stdout=subprocess.DEVNULL) == 0:
        return
    say(f"Making the virtual environment {venv} with Python {sys.version.split()[0]}")
    if subprocess.call([sys.executable, "-m", "venv", "--clear", str(venv)]) != 0:
        sys.exit(f"Python could not make {venv}. On Debian and Ubuntu: apt-get install python3-venv")


def install(venv: Path, requirements: Path) -> None:
    """Install the pinned packages; the whole log is shown only when it fails."""
    say(f"Installing {pinned(requirements)} pinned packages from {requirements} and what they need")
    command = [str(venv / "bin" / "python"), "-m", "pip", "install", "--no-input", "--progress-bar", "off"]
    command += ["--disable-pip-version-check", "--no-warn-script-location", "-r", str(requirements)]
    log, seen = [], 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True) as pip:
        for line in pip.stdout or []:
            log.append(line)
            seen += line.startswith("Collecting ")
            if line.startswith("Collecting ") and seen % 20 == 0:
                say(f"  {seen} packages fetched")
            elif line.startswith("Installing collected"):
                say(f"  {seen} packages fetched, unpacking them")
    if pip.returncode != 0:
        sys.exit("".join(log[-40:]) + "The packages could not be installed; the reason stands above.")
    say("  done")


if __name__ == "__main__":
    if sys.version_info[:2] < OLDEST:
        sys.exit(
            f"billing desk needs Python 3.11 or newer, and {sys.executable} is {sys.version.split()[0]}.\n"
            "Name another one with: make demo PYTHON=/path/to/python3.11"
        )
    make_environment(Path(sys.argv[1]))
    install(Path(sys.argv[1]), Path(sys.argv[2]))
