"""``kgbuild import`` and what ``query`` says of its graph, without any model."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run
from tests.exchange.linked import item, written

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
    assert shown.out.startswith("имена:\n  «Иван Орлов» — Иван Орлов (PERSON, ")


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


def test_what_ftm_has_no_place_for_is_said(bare_run: Run, tmp_path: Path) -> None:
    (tmp_path / "gold").mkdir()
    (tmp_path / "gold" / "a.txt").write_text("Директор украл вазу.", "utf-8")
    ann = "T1\tPROFESSION 0 8\tДиректор\nT2\tCRIME 9 19\tукрал вазу\nR1\tCONVICTED_OF Arg1:T1 Arg2:T2\n"
    (tmp_path / "gold" / "a.ann").write_text(ann, "utf-8")
    assert bare_run("import", "--format", "brat", "gold", "--no-embed").code == 0
    done = bare_run("export", "graph", "--format", "ftm", "-o", "g.json")
    assert (done.code, done.out) == (0, "")
    assert "2 entities (" in done.err
    assert "1 facts (CONVICTED_OF 1)" in done.err
    assert "left out" not in bare_run("export", "graph", "--format", "jsonl", "-o", "g.jsonl").err


def test_sparql_prints_rows(bare_run: Run, tmp_path: Path) -> None:
    folder = annotated(tmp_path / "gold")
    assert bare_run("import", "--format", "brat", folder, "--no-embed").code == 0
    query = "SELECT ?name {?x kg:PLACE_OF_BIRTH/rdfs:label ?name}"
    assert bare_run("sparql", query, "--json").json == {"name": "Клин"}
    assert "Клин" in bare_run("sparql", query).out
    refused = bare_run("sparql", "DROP ALL")
    assert refused.code == 1
    assert "only SELECT" in refused.err


def test_a_label_without_a_type_is_named_and_mapped(bare_run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_text("Иван B-PER\nОрлов I-PER\nспит O\n", "utf-8")
    refused = bare_run("import", "--format", "conll", "a.conll", "--no-embed")
    assert refused.code == 3
    assert "a.conll#1: label 'PER'" in refused.err
    mapped = bare_run("import", "--format", "conll", "a.conll", "--no-embed", "--map", "PER=PERSON")
    assert (mapped.code, "added 1" in mapped.out) == (0, True)
    wrong = bare_run("import", "--format", "conll", "a.conll", "--map", "PER")
    assert (wrong.code, "LABEL=TYPE" in wrong.err) == (2, True)
    assert bare_run("import", "--format", "conll", "a.conll", "--map", "PER=PERSN").code == 1


def test_link_then_show_and_ask_by_id(bare_run: Run, tmp_path: Path) -> None:
    folder = annotated(tmp_path / "gold")
    assert bare_run("import", "--format", "brat", folder, "--no-embed").code == 0
    written(tmp_path / "slice.jsonl", item("Q42", "Клин", "Q515"), item("Q7", "Иван Орлов"))
    dry = bare_run("link", "slice.jsonl", "--dry-run", "--json").json
    assert ([x["wikidata"] for x in dry["linked"]], dry["dry_run"]) == (["Q42"], True)
    assert "external" not in bare_run("show", "Клин").out
    done = bare_run("link", "slice.jsonl", "--by-name")
    assert (done.code, "linked 2" in done.out) == (0, True)
    assert "wikidata: Q42" in bare_run("show", "Клин").out
    assert bare_run("show", "Q7", "--json").json["external"][0]["value"] == "Q7"
    assert bare_run("query", "Где родился Q7?", "--json").json["answers"][0]["text"] == "Клин"
    rows = bare_run("export", "entities").jsons
    assert {(r["name"], *r["external"]) for r in rows} == {
        ("Клин", "wikidata:Q42"), ("Иван Орлов", "wikidata:Q7"),
    }  # fmt: skip
    assert bare_run("export", "entities", "--format", "csv").out.startswith('"id","name"')


def test_a_watch_list_now_and_later(bare_run: Run, tmp_path: Path) -> None:
    folder = annotated(tmp_path / "gold")
    (tmp_path / "people.csv").write_text(
        "id,name,type,born\n1,Иван Орлов,PERSON,\n2,Клин,CITY,\n3,Пётр Ильич Лосев,PERSON,\n",
        "utf-8",
    )
    empty = bare_run("import", "--format", "watchlist", "people.csv")
    assert (empty.code, "0 certain, 0 possible" in empty.out) == (0, True)
    done = bare_run("import", "--format", "brat", folder, "--no-embed")
    assert "now named: Клин (people, 2)" in done.err
    rows = {row["id"]: row for row in bare_run("watch", "--json").jsons}
    assert {id: row["status"] for id, row in rows.items()} == {"1": "possible", "2": "certain"}
    assert rows["1"]["evidence"][0]["text"] == TEXT
    shown = bare_run("watch", "--list", "people", "-k", "1")
    assert TEXT in shown.out
    assert "watchlist: people/2" in bare_run("show", "Клин").out
    assert bare_run("watch", "--remove").code == 2
    assert "0 entries" in bare_run("watch", "--list", "people", "--remove").out
    assert "watchlist" not in bare_run("show", "Клин").out
