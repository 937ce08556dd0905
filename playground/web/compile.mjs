// Compiles the modules of a site that is being built: node compile.mjs SITE. See playground/bytecode.py.

import { loadPyodide } from "pyodide";

const python = await loadPyodide({ env: { PYTHONHASHSEED: "0", PYTHONNODEBUGRANGES: "1" } });
python.mountNodeFS("/built", process.argv[2]);
try {
  python.runPython(`
import sys
from zipfile import ZipFile

for name in ("packages.zip", "project.zip"):
    ZipFile(f"/built/{name}").extractall("/site")
sys.path.insert(0, "/site")
from playground.bytecode import compile_site
compile_site("/built", "/site")
`);
} catch (error) {
  console.error(error.message); // the stack would show all of Pyodide
  process.exitCode = 1;
}
