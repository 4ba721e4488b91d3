"""The notebook runs from top to bottom on the sample documents."""

from __future__ import annotations

from pathlib import Path

import pytest

# here, not in the test: what is missing is known before all samples are read for it
nbformat = pytest.importorskip("nbformat")
client = pytest.importorskip("nbclient")
for module in ("ipykernel", "pandas", "scipy", "matplotlib"):
    pytest.importorskip(module)

NOTEBOOK = Path(__file__).parents[2] / "examples" / "analytics.ipynb"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # the kernel's own
def test_every_cell_of_the_notebook_runs(
    samples_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KGBUILD_STORE", str(samples_store))
    monkeypatch.setenv("PYTHONPATH", str(NOTEBOOK.parents[1]))
    read = nbformat.read(NOTEBOOK, 4)
    expected = [_text(cell) for cell in read.cells]
    made = client.NotebookClient(read, timeout=280, kernel_name="python3").execute()
    shown = [_text(cell) for cell in made.cells]
    assert [bool(text) for text in shown] == [bool(text) for text in expected]
    told = "\n".join(shown)
    assert "Юрий Алексеевич Гагарин" in told
    assert "groups.svg True" in told


def _text(cell: dict[str, object]) -> str:
    outputs = cell.get("outputs", [])
    assert isinstance(outputs, list)
    return "".join(o.get("text") or o.get("data", {}).get("text/plain", "") for o in outputs)
