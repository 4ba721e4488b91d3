"""``kgbuild import`` and what ``query`` says of its graph, without any model."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run

TEXT = "Иван Орлов родился в Клину."
ANN = "T1\tPERSON 0 10\tИван Орлов\nT2\tCITY 21 26\tКлину\nR1\tPLACE_OF_BIRTH Arg1:T1 Arg2:T2\n"


def annotated(folder: Path) -> Path:
    folder.mkdir()
    (folder / "a.txt").write_text(TEXT, "utf-8")
    (folder / "a.ann").write_text(ANN, "utf-8")
    return folder


def test_import_then_explain(bare_run: Run, tmp_path: Path) -> None:
    folder = annotated(tmp_path / "gold")
    done = bare_run("import", "--format", "brat", folder, "--no-embed", "--json")
    assert (done.code, done.json["added"]) == (0, 1)
    asked = bare_run("query", "Где родился Иван Орлов?", "--explain", "--json")
    assert asked.json["answers"][0]["text"] == "Клин"
    assert "PLACE_OF_BIRTH" in asked.json["plan"]
    assert asked.json["abstention"] is None
    shown = bare_run("query", "Где родился Иван Орлов?", "--explain")
    assert shown.out.startswith("PLACE_OF_BIRTH")


def test_a_bad_document_is_named_and_the_exit_code_says_so(bare_run: Run, tmp_path: Path) -> None:
    folder = annotated(tmp_path / "gold")
    (folder / "b.txt").write_text("Клин.", "utf-8")
    done = bare_run("import", "--format", "brat", folder, "--no-embed")
    assert done.code == 3
    assert "b.txt" in done.err
    assert "added 1" in done.out


def test_an_empty_folder_is_refused(bare_run: Run, tmp_path: Path) -> None:
    done = bare_run("import", "--format", "brat", tmp_path, "--no-embed")
    assert done.code == 1
    assert ".ann" in done.err


def test_questions_are_counted(bare_run: Run, tmp_path: Path) -> None:
    folder = annotated(tmp_path / "gold")
    questions = tmp_path / "q.jsonl"
    questions.write_text(
        '{"question": "Где родился Иван Орлов?", "kind": "one_hop", "documents": ["a"],'
        ' "answers": ["Клин"]}\n'
        '{"question": "Когда умер Иван Орлов?", "kind": "no_fact", "documents": [], "answers": []}\n',
        "utf-8",
    )
    found = bare_run("eval", "questions", "--data", folder, "--questions", questions, "--json")
    assert found.json["all"]["answers_at_1"] == 1.0
    assert found.json["all"]["abstention_recall"] == 1.0
    assert bare_run("eval", "questions").code == 2


def test_import_then_export_the_graph(bare_run: Run, tmp_path: Path) -> None:
    folder = annotated(tmp_path / "gold")
    assert bare_run("import", "--format", "brat", folder, "--no-embed").code == 0
    assert bare_run("export", "graph", "--format", "brat", "-o", "again").code == 0
    assert (tmp_path / "again" / "a.txt").read_text("utf-8") == TEXT
    assert (tmp_path / "again" / "a.ann").read_text("utf-8") == ANN
    assert bare_run("export", "graph", "--format", "brat", "-o", "again").code == 1
    assert bare_run("import", "--format", "brat", "again", "--no-embed", "--store", "kg2").code == 0


def test_sparql_prints_rows(bare_run: Run, tmp_path: Path) -> None:
    folder = annotated(tmp_path / "gold")
    assert bare_run("import", "--format", "brat", folder, "--no-embed").code == 0
    query = "SELECT ?name {?x kg:PLACE_OF_BIRTH/rdfs:label ?name}"
    assert bare_run("sparql", query, "--json").json == {"name": "Клин"}
    assert "Клин" in bare_run("sparql", query).out
    refused = bare_run("sparql", "DROP ALL")
    assert refused.code == 1
    assert "only SELECT" in refused.err
