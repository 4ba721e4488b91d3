"""What a newcomer types: flags before the command, documents, the prompt, tables for a spreadsheet."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import TEXTS, Run


def test_flags_of_the_store_may_stand_before_the_command(run: Run, docs: Path) -> None:
    assert run("--store", "elsewhere", "ingest", "docs").code == 0
    assert Path("elsewhere/graph.db").exists()
    assert run("--store=elsewhere", "stats", "--json").json["documents"] == 3
    assert len(run("--store", "elsewhere", "export", "mentions").jsons) > 3
    assert run("stats").code == 1  # there is none in ./kg


def test_a_command_without_a_store_refuses_one_before_it_too(bare_run: Run) -> None:
    refused = bare_run("--store", "elsewhere", "models", "list")
    assert refused.code == 2
    assert "No such option" in refused.err
    assert "--store" in refused.err


def test_the_nearer_flag_counts(filled: Run) -> None:
    assert filled("--store", "nowhere", "stats", "--store", "kg", "--json").json["documents"] == 3


def test_documents_are_listed(filled: Run) -> None:
    listed = filled("documents", "--json").jsons
    assert [d["source"] for d in listed] == [f"docs/{name}" for name in TEXTS]
    a, b, c = (len(text) for text in TEXTS.values())
    assert [d["characters"] for d in listed] == [a, b, c + 1]  # Markdown's text ends its line
    table = filled("documents").out.splitlines()
    assert table[0].split() == ["characters", "type", "document"]
    assert table[1].endswith("docs/a.txt")


def test_the_prompt_answers_line_after_line(filled: Run) -> None:
    typed = "Где работает Иван Петров?\n\nГде работает Мария Иванова?\n"
    said = filled("ask", stdin=typed)
    assert said.code == 0
    assert "Газпром" in said.out
    assert "Лукойл" in said.out
    assert said.err == ""


def test_the_prompt_refuses_what_is_no_text(filled: Run) -> None:
    said = filled("ask", stdin="Где?\n".encode("cp1251"))
    assert said.code == 1
    assert "isn't UTF-8" in said.err


@pytest.mark.parametrize("what", ["mentions", "facts", "entities"])
@pytest.mark.parametrize("format", ["csv", "xlsx", "parquet"])
def test_every_table_has_every_format(filled: Run, what: str, format: str) -> None:
    assert filled("export", what, "--format", format, "-o", f"x.{format}").code == 0
    lines = filled("export", what).jsons
    table = read_table(Path(f"x.{format}"))
    assert len(table) == len(lines) > 0
    if what != "entities":
        assert {row["document"] for row in table} == {line["document"] for line in lines}
        for row in table:
            text = Path(str(row["document"])).read_text("utf-8")
            assert str(row["sentence"]) in text
    if what == "facts":
        assert ("Иван Петров", "WORKPLACE", "место работы") in {
            (row["subject"], row["relation"], row["meaning"]) for row in table
        }
    if what == "mentions":
        for row in table:
            assert str(row["text"]) in str(row["sentence"])


def read_table(path: Path) -> list[dict[str, object]]:
    """A table as other programs read it."""
    if path.suffix == ".xlsx":
        import openpyxl

        book = openpyxl.load_workbook(path)
        head, *body = book.active.iter_rows(values_only=True)
        return [dict(zip(head, row, strict=True)) for row in body]
    if path.suffix == ".parquet":
        import pyarrow.parquet

        rows: list[dict[str, object]] = pyarrow.parquet.read_table(path).to_pylist()
        return rows
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")  # so that Excel knows UTF-8
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


@pytest.mark.parametrize("format", ["xlsx", "parquet"])
def test_a_binary_table_needs_a_file(filled: Run, format: str) -> None:
    refused = filled("export", "facts", "--format", format)
    assert refused.code == 1
    assert f"-o FILE.{format}" in refused.err
    assert refused.out == ""


def test_a_formula_in_a_document_is_text_in_a_sheet(run: Run, tmp_path: Path) -> None:
    import openpyxl

    (tmp_path / "f.txt").write_text("=1+1 Иван Петров работает в Газпроме.", "utf-8")
    assert run("ingest", "f.txt").code == 0
    assert run("export", "mentions", "--format", "xlsx", "-o", "x.xlsx").code == 0
    rows = list(openpyxl.load_workbook("x.xlsx").active.iter_rows(min_row=2))
    sentences = [cell for row in rows for cell in row if str(cell.value).startswith("=")]
    assert sentences
    assert {cell.data_type for cell in sentences} == {"s"}


def test_a_quick_doctor_looks_at_less(bare_run: Run) -> None:
    found = bare_run("doctor", "--quick", "--json").json
    assert list(found["found"]) == ["python", "base", "extractor", "embedder", "sqlite", "store"]
    assert found["faults"] == {}


def test_show_tells_what_is_only_possible_or_denied(
    filled: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here every fact is also a reading too weak for one, and one that is denied."""
    from storage.sql import SqlStore

    monkeypatch.setattr(
        SqlStore, "candidates", lambda store, entity, denied=False: list(store.facts(entity))
    )
    lines = filled("show", "Иван Петров").out.splitlines()
    [known] = [line for line in lines if line.startswith("  место работы: Газпром")]
    shown = filled("show", "Иван Петров", "--json").json
    for word, kind in (("возможно", "possible"), ("отрицается", "denied")):
        [reading] = [line for line in lines if word in line]
        assert reading.replace(f"{word}: ", "") == known.partition("  [")[0]
        assert shown[kind][0]["relation"] == "WORKPLACE"


def test_commands_that_load_no_model_start_without_torch() -> None:
    import subprocess

    code = (
        "import sys; sys.argv = ['kgbuild', '--help']\n"
        "from kgbuild import cli, wiring\n"
        "import kgbuild.cli.search, kgbuild.cli.ask, kgbuild.cli.show, kgbuild.cli.export\n"
        "print(sorted({'torch', 'transformers', 'faiss', 'networkx', 'pandas'} & set(sys.modules)))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert said.stdout.strip() == "[]"
