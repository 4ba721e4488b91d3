"""Pictures: Cyrillic is drawn, the same picture each time, what can't be saved is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from analytics.networks import analytics

from kgbuild import errors
from kgbuild.analytics import picture
from kgbuild.analytics.analytics import Analytics
from kgbuild.errors import InputError, MissingExtraError

pytest.importorskip("matplotlib")

TEXTS = (
    "[Анна Орлова|PERSON] знает [Бориса Щёголева|PERSON] => 1 KNOWS 2",
    "[Борис Щёголев|PERSON] живёт в [Твери|CITY] => 1 PLACE_RESIDES_IN 2",
    "[Анна Орлова|PERSON] родилась [8 мая 1850 года|DATE] => 1 DATE_OF_BIRTH 2",
    "[Фонд «$100 и $200»|ORGANIZATION] принял [Анну Орлову|PERSON] => 2 WORKPLACE 1",
)


def save(found: Analytics, kind: str, path: Path) -> None:
    if kind == "ranking":
        picture.draw_ranking(found.centrality("degree"), path)
    elif kind == "communities":
        picture.draw_communities(found.network(), found.communities(), path)
    elif kind == "routes":
        picture.draw_routes(found.paths("Анна Орлова", "Тверь"), path)
    elif kind == "bridges":
        picture.draw_bridges(found.bridges("Анна Орлова", "Тверь"), path)
    else:
        picture.draw_timeline(found.timeline(), path)


@pytest.mark.parametrize("kind", ["ranking", "communities", "routes", "bridges", "timeline"])
def test_a_picture_of_each_result(tmp_path: Path, kind: str) -> None:
    """A letter that the font lacks would be a warning, and warnings fail."""
    found = analytics(*TEXTS)
    png, svg = tmp_path / "a.png", tmp_path / "b.SVG"
    save(found, kind, png)
    save(found, kind, svg)
    assert png.read_bytes().startswith(b"\x89PNG")
    name = "Анна Орлова" if kind == "timeline" else "Борис Щёголев"
    assert name in svg.read_text("utf-8")
    first = svg.read_bytes()
    save(found, kind, svg)
    assert svg.read_bytes() == first


def test_nothing_to_draw_is_drawn(tmp_path: Path) -> None:
    found = analytics(*TEXTS)
    picture.draw_routes(
        found.paths("Анна Орлова", "Тверь", relations=["SPOUSE"]), tmp_path / "a.png"
    )
    picture.draw_timeline(found.timeline(since=1999), tmp_path / "b.png")
    assert len(list(tmp_path.iterdir())) == 2


def test_what_cannot_be_saved_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.pdf", "a", "a.png.txt"):
        with pytest.raises(InputError, match=r"\.png or \.svg"):
            picture.check(tmp_path / name)
    with pytest.raises(InputError, match="no folder"):
        picture.check(tmp_path / "absent" / "a.png")
    (tmp_path / "taken.png").mkdir()
    with pytest.raises(InputError, match="can't be written"):
        save(analytics(*TEXTS), "ranking", tmp_path / "taken.png")

    def fail(module: str) -> None:
        raise ImportError(module)

    monkeypatch.setattr(errors.importlib, "import_module", fail)
    with pytest.raises(MissingExtraError, match=r"kgbuild\[plot\]"):
        picture.check(tmp_path / "a.png")
