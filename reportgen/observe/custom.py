"""Brings a user's own layers: runs the module that the user named, and returns what it defines."""

import importlib.util
import inspect
from pathlib import Path

from reportgen.errors import InputError


def own_objects(path: Path | None) -> dict[str, object]:
    """Return the classes and functions that a user's module defines, by name; none without a module.

    Raises:
        InputError: the module cannot be run.
    """
    if path is None:
        return {}
    spec = importlib.util.spec_from_file_location(f"reportgen_custom_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path.name}: not a Python module. Give a .py file.")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        why = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputError(
            f"{path.name}: the module cannot be run: {why}. Mend it, or leave --custom out."
        ) from error
    found = vars(module).items()
    return {
        name: each
        for name, each in found
        if (inspect.isclass(each) or inspect.isfunction(each)) and each.__module__ == module.__name__
    }
