"""Build the static site: `python -m playground.site FOLDER` (`make site`).

The site needs no server of its own: any that hands out files will do, from any path. The model
runs in the browser under Pyodide, a Python for WebAssembly. npm fetches Pyodide and the editor, and
esbuild makes one script of the front end; `playground/web/package.json` names them. pip fetches the
packages that the model needs, for the browser's platform.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from playground import languages
from playground.catalogue import catalogue
from playground.renderer import renderer
from report.page.document import controls, library

ROOT = Path(__file__).parent.parent
WEB = ROOT / "playground" / "web"
OURS = (
    *("commands", "experiments", "kernel", "language", "playground", "report", "sim", "teaching"),
    "timeline",
    "translation",
)
"""The packages of which the browser's Python gets the files."""
ONLY_HERE = (
    *("report/files", "commands/cli", "commands/keeper", "playground/server", "playground/web"),
    *("teaching/assignment", "teaching/exports", "teaching/formats", "teaching/submission"),
)
NOT_NEEDED = {"psutil"}  # only real runs use it
NOT_LOADED = ("pygments", "markdown_it", "mdurl", "pydantic/v1/", "pydantic/mypy.py")
"""What rich needs for programs in colour and for Markdown, which we do not print; old pydantic."""
PLATFORM = (
    "--platform",
    "pyemscripten_2026_0_wasm32",
    "--python-version",
    "3.14",
    "--abi",
    "cp314",
)
PYODIDE = (
    "pyodide.mjs",
    "pyodide.asm.mjs",
    "pyodide.asm.wasm",
    "python_stdlib.zip",
    "pyodide-lock.json",
)
STATIC = ("worker.js", "manifest.webmanifest", "icon.svg")
EPOCH = (1980, 1, 1, 0, 0, 0)  # the time of every file in an archive: the same bytes each time


def build(site: Path) -> None:
    """Build the site in the folder `site`, which is replaced. Raises CalledProcessError."""
    work = site.with_name(f"{site.name}-work")
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir(parents=True)
    modules = node_modules(work)
    (site / "pyodide").mkdir()
    for name in PYODIDE:
        shutil.copy(modules / "pyodide" / name, site / "pyodide" / name)
    _lock(site / "pyodide" / "pyodide-lock.json")
    _archive(site / "packages.zip", _of_others(work / "packages"))
    _archive(site / "project.zip", _of_ours())
    _compile(work, site)
    (site / "bokeh.js").write_text(library(), encoding="utf-8")
    (site / "renderer.js").write_text(renderer(), encoding="utf-8")
    _scenarios(site)
    for file, content in languages.texts():
        (site / file).write_text(content, encoding="utf-8")
    for name in STATIC:
        shutil.copy(WEB / name, site / name)
    _page(site)
    _bundle(work, site)
    _service_worker(site)


def _lock(file: Path) -> None:
    """Leave Pyodide's own packages out of its list: we load none of them."""
    listed = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**listed, "packages": {}}), encoding="utf-8")


def _scenarios(site: Path) -> None:
    """Write the scenarios that are offered, and their titles in each language."""
    entries = list(catalogue())
    texts = json.dumps([entry._asdict() for entry in entries], ensure_ascii=False)
    (site / "catalogue.json").write_text(texts, encoding="utf-8")
    for language in languages.others():
        file = site / languages.scenarios_file(language)
        file.write_text(languages.scenarios(language, entries), encoding="utf-8")


def _page(site: Path) -> None:
    """Put the controls and the style of all pages into the site's page."""
    page = (WEB / "index.html").read_text(encoding="utf-8")
    (site / "index.html").write_text(page.replace("<!-- controls -->", controls()), "utf-8")
    common = (ROOT / "report" / "page" / "page.css").read_text(encoding="utf-8")
    own = (WEB / "style.css").read_text(encoding="utf-8")
    (site / "style.css").write_text(f"{common}\n{own}", encoding="utf-8")


def node_modules(work: Path) -> Path:
    """Return the folder of the packages in `package.json`, fetched if they have changed."""
    work.mkdir(parents=True, exist_ok=True)
    wanted = (WEB / "package.json").read_text(encoding="utf-8")
    kept = work / "package.json"
    if not kept.exists() or kept.read_text(encoding="utf-8") != wanted:
        kept.write_text(wanted, encoding="utf-8")
        how = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"]
        subprocess.run(how, cwd=work, check=True)
    return work / "node_modules"


def _of_others(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files of the packages that the model needs, for the browser's platform."""
    about = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [each for each in about["dependencies"] if each.split(">")[0] not in NOT_NEEDED]
    if not folder.exists():
        how = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder)]
        subprocess.run(
            [*how, *PLATFORM, "--only-binary=:all:", "--no-compile", *wanted], check=True
        )
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder)
        if file.is_file() and _is_needed(name):
            yield name.as_posix(), file.read_bytes()


def _is_needed(name: Path) -> bool:
    """Return whether the browser's Python needs this file of other packages."""
    first = name.parts[0]
    left_out = name.as_posix().startswith(NOT_LOADED) or first == "bin"
    if first.endswith(".dist-info") and not left_out:
        return "licen" in name.as_posix().lower()  # the licence goes along with the code
    return not left_out and "__pycache__" not in name.parts and name.suffix != ".pyi"


def _of_ours() -> Iterator[tuple[str, bytes]]:
    """Yield the files of our packages that the browser's Python needs, and the version."""
    for package in OURS:
        for file in sorted((ROOT / package).rglob("*")):
            name = file.relative_to(ROOT).as_posix()
            left_out = "__pycache__" in name or name.startswith(ONLY_HERE)
            sources = name.endswith(".po")  # of the catalogues, which are compiled
            if file.is_file() and not left_out and not sources:
                yield name, file.read_bytes()
    yield "pyproject.toml", (ROOT / "pyproject.toml").read_bytes()


def _compile(work: Path, site: Path) -> None:
    """Compile the modules in the archives: see `playground/bytecode.py`."""
    script = shutil.copy(WEB / "compile.mjs", work)  # beside the packages that it imports
    subprocess.run([str(work / "node_modules" / ".bin" / "node"), script, str(site)], check=True)


def _archive(path: Path, files: Iterable[tuple[str, bytes]]) -> None:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(ZipInfo(name, EPOCH), content, ZIP_DEFLATED, 9)


def _bundle(work: Path, site: Path) -> None:
    """Make one script of the front end and the editor."""
    source = work / "web"
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(WEB, source)
    command = [str(work / "node_modules" / ".bin" / "esbuild"), str(source / "app.js")]
    how = ["--bundle", "--format=esm", "--minify", "--external:./renderer.js"]
    subprocess.run(
        [*command, *how, f"--outfile={site / 'app.js'}", "--log-level=warning"], check=True
    )


def _service_worker(site: Path) -> None:
    """Write the service worker, which keeps all files of this very site for the next visit."""
    files = sorted(file for file in site.rglob("*") if file.is_file())
    names = ["./", *(file.relative_to(site).as_posix() for file in files)]
    worker = (WEB / "service-worker.js").read_text(encoding="utf-8")
    given = f"const VERSION = {json.dumps(_digest(site))};\nconst FILES = {json.dumps(names)};\n"
    (site / "service-worker.js").write_text(given + worker, encoding="utf-8")


def _digest(site: Path) -> str:
    """Return the version of a site: a digest of its files."""
    digest = hashlib.sha256()
    for file in sorted(file for file in site.rglob("*") if file.is_file()):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def main() -> int:
    """Build the site, and say how large it is."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    site: Path = parser.parse_args().folder.absolute()
    build(site)
    size = sum(file.stat().st_size for file in site.rglob("*") if file.is_file())
    print(f"{site}: {size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
