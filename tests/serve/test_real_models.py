"""The real embedded models behind the service, and our own client of the card's API before it."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from serve.running import in_thread

from kgbuild.config import Settings
from kgbuild.extract.joint import JointExtractor
from kgbuild.extract.remote import RemoteMentionFinder, RemoteRelationExtractor
from kgbuild.extract.two_stage import TwoStageExtractor
from kgbuild.ontology import RELATIONS
from kgbuild.serve.settings import ServeSettings

pytestmark = pytest.mark.model

UNIQUE = [
    "Инженер Сергей Королёв родился в Житомире в 1907 году.",
    "Анна Белова работает в компании «Северсталь» и живёт в Череповце.",
    "Компанию «Яндекс» основали Аркадий Волож и Илья Сегалович.",
]
"""Every name stands once: the card's answer says which mention is meant."""

SAMPLE = Path(__file__).parents[2] / "examples" / "docs" / "02-blok.txt"


@pytest.fixture(scope="module")
def url(sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = tmp_path_factory.mktemp("served") / "kg"
    shutil.copytree(sample_store, store)
    with in_thread(ServeSettings(Settings(store=store), everybody=True)) as found:
        yield found


@pytest.fixture(scope="module")
def local() -> JointExtractor:
    return JointExtractor.open()


def remote(url: str, min_strength: float) -> TwoStageExtractor:
    relations = RemoteRelationExtractor(url, min_strength=min_strength)
    return TwoStageExtractor(RemoteMentionFinder(url), relations)


def test_our_client_gets_the_same_extraction(url: str, local: JointExtractor) -> None:
    got = remote(url, 0.0).extract(UNIQUE)
    mentions = local.find(UNIQUE)
    assert [extraction.mentions for extraction in got] == mentions
    for mine, theirs in zip(got, local.label(UNIQUE, mentions), strict=True):
        assert sorted(mine.relations) == sorted(theirs)
        confidences = [r.confidence for r in sorted(theirs)]
        assert [r.confidence for r in sorted(mine.relations)] == pytest.approx(
            confidences, abs=0.02
        )
        assert len(theirs) >= 2


def test_what_is_sure_is_what_relate_finds(url: str, local: JointExtractor) -> None:
    """With each relation's threshold, the card's labels are the extractor's relations."""
    levels = dict(zip(RELATIONS, local.given_config.thresholds.tolist(), strict=True))
    related = local.relate(UNIQUE, local.find(UNIQUE))
    for got, kept in zip(remote(url, 0.0).extract(UNIQUE), related, strict=True):
        sure = [r for r in got.relations if r.confidence >= levels[r.relation]]
        assert sorted(sure) == sorted(kept)
        assert kept


def test_a_whole_document_reads_the_same(url: str, local: JointExtractor) -> None:
    text = SAMPLE.read_text("utf-8")[:1200]
    [mentions] = local.find([text])
    [labelled] = local.label([text], [mentions])
    body = {"chunks": [text], "entities_list": [[[m.start, m.end, m.type] for m in mentions]]}
    answer = httpx2.post(f"{url}/predict", json=body).json()

    got = Counter((a["source_entity"], a["target_entity"], a["relationship_type"]) for a in answer)
    ends = [(r.subject, r.object, r.relation) for r in labelled]
    wanted = Counter((text[s.start : s.end], text[o.start : o.end], name) for s, o, name in ends)
    assert got == wanted
    assert len(answer) > 100
    assert all(0 <= a["relationship_strength"] <= 1 for a in answer)
    strong = {(a["source_entity"], a["relationship_type"]) for a in answer
              if a["relationship_strength"] > 0.5}  # fmt: skip
    assert len(strong) >= 5


def test_a_question_is_answered_with_its_sentence(url: str) -> None:
    question = "Кто супруга Дмитрия Менделеева?"
    answer = httpx2.get(f"{url}/v1/ask", params={"question": question}, timeout=60).json()
    first = answer["answers"][0]
    assert "Лещева" in first["text"]
    [evidence, *_] = first["evidence"]
    source = {"source": evidence["document"]}
    document = httpx2.get(f"{url}/v1/document", params=source).json()
    assert document["text"][evidence["start"] : evidence["end"]] == evidence["text"]


def test_an_uploaded_document_is_found(url: str) -> None:
    text = "Зоя Крылатова родилась в Тобольске и работает в компании «Полярная звезда»."
    with httpx2.Client(base_url=url, timeout=60) as client:
        sent = client.post("/v1/documents", files=[("files", ("новое.txt", text.encode()))])
        events = client.get(f"/v1/jobs/{sent.json()['id']}/events").text
        assert '"state":"done"' in events
        found = client.get("/v1/search", params={"text": "Крылатова"}).json()
        assert found["passages"][0]["document"] == "новое.txt"
        asked = client.get("/v1/ask", params={"question": "Где родилась Зоя Крылатова?"}).json()
        assert asked["answers"][0]["text"] == "Тобольск"
