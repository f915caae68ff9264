"""The house's own rules about its code and catalogs."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

from babel.messages.pofile import read_po

from tests import catalogs

ROOT = Path(__file__).parent.parent
SOURCES = sorted(
    path for top in ("bot", "core", "admin", "tests", "benchmarks") for path in (ROOT / top).rglob("*.py")
)
HARD_STOP, P90 = 50, 25


def _sizes(path: Path) -> dict[str, int]:
    """Lines of each function without its docstring."""
    sizes = {}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = ast.get_docstring(node, clean=False)
            length = (node.end_lineno or 0) - node.lineno - (docstring.count("\n") + 1 if docstring else 0)
            sizes[f"{path.relative_to(ROOT)}:{node.name}"] = length
    return sizes


def test_no_module_needs_a_table_of_contents():
    limits = {path: 400 if path.is_relative_to(ROOT / "tests") else 300 for path in SOURCES}
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {str(path): lengths[path] for path in SOURCES if lengths[path] > limits[path]} == {}


def test_functions_stay_short():
    sizes = {
        name: size
        for path in SOURCES
        if not path.is_relative_to(ROOT / "tests") and "migrations/versions" not in str(path)
        for name, size in _sizes(path).items()
    }
    assert {name: size for name, size in sizes.items() if size > HARD_STOP} == {}
    assert sorted(sizes.values())[int(len(sizes) * 0.9)] <= P90


def test_every_module_says_what_it_is():
    without = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path.read_text(encoding="utf-8").strip()
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert without == []


def test_the_spanish_catalog_has_no_hole():
    assert catalogs.holes(catalogs.SPANISH) == []


def test_the_catalog_knows_every_text_of_the_code(tmp_path: Path):
    shutil.copytree(catalogs.LOCALES, tmp_path / "locales")
    catalogs.update(tmp_path / "locales")
    assert catalogs.holes(tmp_path / "locales" / "es" / "LC_MESSAGES" / "ventanilla.po") == []


def test_the_catalog_knows_every_text_where_it_is_said():
    """Also where the extraction does not look: in the braces of an f-string, beside a call with ``context`` in it."""
    with catalogs.SPANISH.open("rb") as file:
        known = {
            text
            for message in read_po(file)
            for text in ([message.id] if isinstance(message.id, str) else message.id)
        }
    calls = [
        (path.name, node.args[0].value)
        for path in SOURCES
        if not path.is_relative_to(ROOT / "tests")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and _name(node.func) in {"t", "N_", "plural"} and node.args
        if isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
    ]
    assert len(calls) > 500
    assert [call for call in calls if call[1] not in known] == []


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def test_a_hole_is_found(tmp_path: Path):
    catalog = tmp_path / "holes.po"
    catalog.write_text('msgid "Hello %(name)s"\nmsgstr "Hola"\n\nmsgid "Bye"\nmsgstr ""\n', encoding="utf-8")
    assert catalogs.holes(catalog) == ["Hello %(name)s", "Bye"]


def test_the_import_contracts_hold():
    run = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-logo"], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout
