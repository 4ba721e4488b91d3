"""The calculator: its arithmetic, its data beside what docs/scale.md tells, and bad input."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from kgbuild import scale
from kgbuild.errors import InputError
from kgbuild.search.bm25 import MOST_POSTINGS

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "scale.md").read_text("utf-8")
HELD = json.loads((ROOT / "kgbuild" / "scale.json").read_text("utf-8"))
WISH = scale.Wish(1_000_000, 2000, 24, 16, 64, 4000, 0.1)
COSTS = scale.Costs(
    models="made-up",
    commands=("none",),
    ms=dict.fromkeys(scale.BY_WORKERS, 100.0) | {"link": 10.0},
    per_thousand={"sentences": 10.0, "entities": 5.0},
    bytes={"database": 5000.0, "pgvector": 10_000.0, "worker": 2e9, "names_of_an_entity": 400.0,
           "faiss_vector": 100.0, "faiss_made": 250.0},
    postings=200_000,
)  # fmt: skip


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(scale.main, words)
    return result.exit_code, result.output


def test_what_a_million_documents_come_to_by_hand() -> None:
    bill = scale.reckon(WISH, COSTS)
    assert set(bill.stages) == set(scale.BY_WORKERS)
    for hours in bill.stages.values():  # 2 million times 1,000 characters, 100 ms each
        assert hours == pytest.approx(2e6 * 0.1 / 3600)
    assert bill.core_hours == pytest.approx(7 * 55.5556 * 1.1, rel=1e-4)
    assert bill.machines == 2  # 427.8 core-hours, 24 x 16 = 384 a machine
    assert bill.linking == pytest.approx(5.5556, rel=1e-4)
    assert bill.most_workers == 77  # 700 ms and a tenth against 10
    assert (bill.database, bill.pgvector) == pytest.approx((10, 20))
    assert bill.faiss == pytest.approx(2e6 * 15 * 100 / 1e9)


def test_limits_by_hand_and_in_order() -> None:
    bill = scale.reckon(WISH, COSTS)
    most = [limit.documents for limit in bill.limits]
    assert most == sorted(most)
    assert bill.first is bill.limits[0]
    by_hand = {
        "links for more than 24 hours": 24 * 3600 / 0.02,
        "names that": 64e9 / (10 * 400),
        "FAISS index": 64e9 / (20 * 250),
        "database with pgvector": 4000e9 / 30_000,
        "leaves out words": 200_000 / (0.01 * 20),
    }
    for words, documents in by_hand.items():
        [limit] = [limit for limit in bill.limits if words in limit.breaks]
        assert limit.documents == pytest.approx(documents), words
        assert limit.instead
    assert len(by_hand) == len(scale.LIMITS)


def test_a_worker_needs_its_memory() -> None:
    small = scale.reckon(replace(WISH, memory=8), COSTS)  # four workers of 2 GB, not sixteen
    assert small.machines == -(-scale.reckon(WISH, COSTS).core_hours // (24 * 4))
    with pytest.raises(InputError, match=r"a worker takes 2\.0 GB"):
        scale.reckon(replace(WISH, memory=1), COSTS)


def test_money_is_reckoned_where_a_price_is_given_and_everything_assumed_is_told() -> None:
    code, told = run("--documents", "1e6", "--core-hour", "0.05", "--gb-month", "0.1")
    assert code == 0
    bill = scale.reckon(replace(WISH, overhead=0.15), scale.measured("real"))
    cores = float(re.search(r"\| cores, money \| ([\d,.]+)", told)[1].replace(",", ""))  # type: ignore[index]
    storage = float(re.search(r"\| storage, money a month \| ([\d,.]+)", told)[1].replace(",", ""))  # type: ignore[index]
    assert cores == pytest.approx(0.05 * (bill.core_hours + bill.linking), rel=0.01)
    assert storage == pytest.approx(0.1 * (bill.database + bill.pgvector), rel=0.01)
    for assumed in ("2000 characters", "16 cores and 64 GB", "4000 GB of disk", "24 hours", "15% more for Ray",
                    "a core-hour 0.05", "a GB a month 0.1", "Not reckoned"):  # fmt: skip
        assert assumed in told
    code, told = run("--documents", "1e6")
    assert code == 0
    assert "money" not in told
    assert "prices: none given" in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Missing option '--documents'"),
        (["--documents", "many"], "'many' isn't a number"),
        (["--documents", "0"], "a number above 0"),
        (["--documents", "-5"], "a number above 0"),
        (["--documents", "nan"], "a number above 0"),
        (["--documents", "inf"], "a number above 0"),
        (["--documents", "1.5"], "isn't a whole number"),
        (["--documents", "1e6", "--characters", "0"], "a number above 0"),
        (["--documents", "1e6", "--overhead", "-0.1"], "of 0 or more"),
        (["--documents", "1e6", "--core-hour", "-1"], "of 0 or more"),
        (["--documents", "1e6", "--models", "none"], "nothing was measured of 'none'"),
        (["--documents", "1e6", "--memory", "0.1"], "give --memory"),
    ],
)
def test_bad_input_is_told(words: list[str], said: str) -> None:
    code, told = run(*words)
    assert code != 0
    assert said in told
    assert "Traceback" not in told


def test_the_page_shows_what_the_calculator_prints() -> None:
    shown = re.findall(r"^`(python -m kgbuild\.scale .*?)`\n\n(.*?)\n\n##", PAGE, re.M | re.DOTALL)
    assert shown
    for command, told in shown:
        code, printed = run(*shlex.split(command)[3:])
        assert code == 0
        assert printed.strip() == told.strip(), f"docs/scale.md: put in what  {command}  prints"


def test_the_data_are_what_the_page_tells_of_the_same_commands() -> None:
    """Each measured thing has its command, and the page shows its figures beside it."""
    for models in HELD["models"].values():
        times, counts = models["times"], models["counts"]
        told = PAGE.partition(f"(`{times['command']}`): ")[2].partition("\n\n")[0]
        for stage, ms in times["ms"].items():
            assert re.search(rf"\b{stage} {re.escape(format(ms, 'g'))}\b", told), stage
        told = PAGE.partition(f"counted by `{counts['command']}`: ")[2].partition("\n\n")[0]
        for name, count in counts["per_thousand"].items():
            assert f"{count:g} {name}" in told, name
        for name in ("database", "pgvector", "names_of_an_entity"):
            assert f"{counts['bytes'][name]:,}" in told, name
        assert f"{counts['bytes']['worker'] / 1e9:.2f} GB" in told
    for name, one in HELD["common"].items():
        if one["command"].startswith("python benchmarks/"):
            assert f"`{one['command']}`" in PAGE, name
            assert all(figure in PAGE for figure in one["told"]), name
    assert HELD["common"]["postings"]["rows"] == MOST_POSTINGS


def test_measured_runs_cost_what_is_reckoned() -> None:
    """Processor seconds of whole runs by the engines, which the data don't come from."""
    for run in HELD["runs"]:
        costs = scale.measured(run["models"])
        wish = replace(WISH, documents=run["documents"], characters=run["characters"], overhead=0)
        bill = scale.reckon(wish, costs)
        reckoned = (bill.core_hours + bill.linking) * 3600
        assert reckoned == pytest.approx(run["processor_seconds"], rel=run["within"]), run
        assert f"`{run['command']}`" in PAGE
        assert f"{run['processor_seconds']:,} s of processor" in PAGE
