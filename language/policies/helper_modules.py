"""`import helper` in a policy's file finds helper.py beside it. No other import finds that file.

The folder is not added to `sys.path`: a file called random.py or report.py would hide the module
of that name in Python or in Multiprog from all later imports. Instead a policy's module has its own
`__import__`. If Python has no module of a name, it imports the file in the policy's folder, as a
submodule of a package that stands for the folder. So policies from two folders each have their own
`helper`.
"""

from __future__ import annotations

import builtins
import importlib
import sys
import types
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import find_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from kernel.scheduling.policy_errors import OWN


def module_of(path: Path) -> str:
    """Return the module name for the file `path`, or the package name for the folder `path`."""
    return f"{OWN}{sha256(str(path.resolve()).encode()).hexdigest()[:16]}"


def builtins_for(folder: Path) -> dict[str, Any]:
    """Return the `__builtins__` of a module whose imports also look into `folder`."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())  # before Python's finder, which also finds these files
    package = module_of(folder)
    if package not in sys.modules:
        made = types.ModuleType(package)
        made.__path__ = [str(folder)]
        sys.modules[package] = made
    return {**vars(builtins), "__import__": _import_for(package, folder)}


def helpers(folder: Path) -> dict[str, bytes]:
    """Return the text of each module of the folder that policies have imported, by module name."""
    prefix = f"{module_of(folder)}."
    found = {name: module for name, module in list(sys.modules.items()) if name.startswith(prefix)}
    texts = {name: getattr(module, "__source__", None) for name, module in found.items()}
    return {name: text for name, text in sorted(texts.items()) if isinstance(text, bytes)}


def are_current(folder: Path) -> bool:
    """Return whether no file of `helpers` has changed since its import."""
    return all(_is_current(sys.modules[name], text) for name, text in helpers(folder).items())


def _is_current(module: types.ModuleType, text: bytes) -> bool:
    try:
        return Path(str(module.__file__)).read_bytes() == text
    except OSError:
        return False


def forget(folder: Path) -> None:
    """Remove a folder's helpers from `sys.modules`, so that the next import reads them again."""
    package = module_of(folder)
    for name in [name for name in sys.modules if name.startswith(f"{package}.")]:
        del sys.modules[name]


def _import_for(package: str, folder: Path) -> Any:
    def import_beside(
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> types.ModuleType:
        first = name.partition(".")[0]
        if level:
            return builtins.__import__(name, globals, locals, fromlist or (), level)
        if f"{package}.{first}" not in sys.modules and not _is_only_beside(first, folder):
            return builtins.__import__(name, globals, locals, fromlist or ())
        found = importlib.import_module(f"{package}.{name}")
        if not fromlist:
            return sys.modules[f"{package}.{first}"]
        for each in fromlist:
            if not hasattr(found, each) and hasattr(found, "__path__"):
                _import_if_there(f"{found.__name__}.{each}")
        return found

    return import_beside


def _is_only_beside(name: str, folder: Path) -> bool:
    """Return whether the folder has a module `name`, and Python has no other one."""
    file = _file(folder, name)
    if file is None or name in sys.modules:
        return False
    spec = find_spec(name)  # it is the same file if a policy has added its folder to sys.path
    return spec is None or (spec.origin is not None and Path(spec.origin) == file.resolve())


def _import_if_there(name: str) -> None:
    """Import `name` if it is a module. Otherwise the caller's import statement raises."""
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise


def _file(folder: Path, name: str) -> Path | None:
    """Return the file of the module `name` in the folder; None if there is none."""
    for file in (folder / name / "__init__.py", folder / f"{name}.py"):
        if file.is_file():
            return file
    return None


class _Finder(MetaPathFinder):
    """Finds the submodules of the packages that stand for folders; only these begin with OWN."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: types.ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """Return the spec of a file beside a policy; None for all other modules."""
        if not fullname.startswith(OWN) or not path:
            return None
        file = _file(Path(path[0]), fullname.rpartition(".")[2])
        if file is None:
            return None
        within = [str(file.parent)] if file.name == "__init__.py" else None
        loader = _Loader(fullname, str(file))
        return spec_from_file_location(
            fullname, file, loader=loader, submodule_search_locations=within
        )


class _Loader(SourceFileLoader):
    """Loads a helper, whose imports also look into its folder. It writes no byte code."""

    def get_code(self, fullname: str) -> types.CodeType:  # noqa: ARG002 - Python's signature
        """Return the code of the file, compiled from its text."""
        text = self.get_data(self.path)
        code: types.CodeType = compile(text, self.path, "exec", dont_inherit=True)
        return code

    def exec_module(self, module: types.ModuleType) -> None:
        """Execute the module with imports that also look into its folder."""
        package = module.__name__.partition(".")[0]
        folder = Path(sys.modules[package].__path__[0])
        module.__dict__["__builtins__"] = builtins_for(folder)
        module.__dict__["__source__"] = self.get_data(self.path)
        super().exec_module(module)
