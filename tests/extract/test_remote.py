"""The remote adapters against a real server on the loopback that follows the card's formats."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from kgbuild.errors import RemoteError
from kgbuild.extract.remote import RemoteMentionFinder, RemoteRelationExtractor
from kgbuild.ports import MentionFinder, RelationExtractor
from kgbuild.types import Mention, Relation
from tests.extract.remote_server import Server, recognize


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    running = Server()
    yield running
    running.close()


def claim(source: str, relation: str, target: str, **changes: Any) -> dict[str, Any]:
    return {
        "source_entity": source,
        "target_entity": target,
        "relationship_type": relation,
        "relationship_description": None,
        "relationship_strength": 0.9,
        "chunk_id": 0,
    } | changes


def mentions_in(text: str) -> tuple[Mention, ...]:
    return tuple(sorted(Mention(*item) for item in recognize(text)["ners"]))


def spell(text: str, relation: Relation) -> str:
    one, other = relation.subject, relation.object
    return (
        f"{text[one.start : one.end]}@{one.start} {relation.relation}"
        f" {text[other.start : other.end]}@{other.start} {relation.confidence:g}"
    )


def relate(server: Server, text: str, *answer: Any, **options: Any) -> list[str]:
    server.answers["/predict"] = lambda _: list(answer)
    extractor = RemoteRelationExtractor(server.url, **options)
    return [spell(text, relation) for relation in extractor.relate([text], [mentions_in(text)])[0]]


class TestMentions:
    def test_they_come_back_in_reading_order(self, server: Server) -> None:
        finder = RemoteMentionFinder(server.url)
        assert isinstance(finder, MentionFinder)
        found = finder.find(["🙂 Иван ушёл из Газпром.", "", "Пусто."])
        assert found == [(Mention(2, 6, "PERSON"), Mention(15, 22, "ORGANIZATION")), (), ()]
        assert server.bodies == ["🙂 Иван ушёл из Газпром.", "Пусто."]

    def test_a_mention_stated_twice_counts_once_and_mentions_nest(self, server: Server) -> None:
        ners = [[0, 4, "PERSON"], [0, 4, "PERSON"], [0, 12, "PROFESSION"]]
        server.answers["/recognize"] = lambda text: {"text": text, "ners": ners}
        found = RemoteMentionFinder(server.url).find(["Иван Иванович"])[0]
        assert found == (Mention(0, 12, "PROFESSION"), Mention(0, 4, "PERSON"))

    def test_a_long_text_goes_in_sentences_and_offsets_come_back(self, server: Server) -> None:
        text = "Иван живёт в городе Москва.\r\n\r\n" + "Пётр ушёл из Газпром. 🙂 " * 50
        found = RemoteMentionFinder(server.url, max_chars=120).find([text])[0]
        assert found == mentions_in(text)
        assert len(server.bodies) > 5
        assert all(len(body) <= 120 and body in text for body in server.bodies)

    @pytest.mark.parametrize(
        ("ners", "message"),
        [
            ([[0, 99, "PERSON"]], "isn't within 5 characters"),
            ([[3, 3, "PERSON"]], "isn't within"),
            ([[-1, 3, "PERSON"]], "isn't within"),
            ([[False, True, "PERSON"]], "isn't within"),
            ([[0, 3, "HERO"]], "unknown entity type 'HERO'"),
            ([[0, 3]], "expected \\[start, end, type\\]"),
            ([{"start": 0}], "expected"),
            ([["0", "3", "PERSON"]], "expected"),
            ("none", "expected"),
        ],
    )
    def test_nonsense_is_refused(self, server: Server, ners: Any, message: str) -> None:
        server.answers["/recognize"] = lambda text: {"text": text, "ners": ners}
        with pytest.raises(RemoteError, match=f"{server.url}/recognize.*{message}"):
            RemoteMentionFinder(server.url).find(["текст"])

    def test_another_text_is_refused(self, server: Server) -> None:
        server.answers["/recognize"] = lambda text: {"text": text.strip(), "ners": []}
        with pytest.raises(RemoteError, match="isn't the text sent"):
            RemoteMentionFinder(server.url).find([" текст"])


class TestRelations:
    def test_texts_become_mentions(self, server: Server) -> None:
        text = "Иван работает в Газпром."
        assert relate(server, text, claim("Иван", "WORKPLACE", "Газпром")) == [
            "Иван@0 WORKPLACE Газпром@16 0.9"
        ]
        assert server.bodies == [
            {"chunks": [text], "entities_list": [[[0, 4, "PERSON"], [16, 23, "ORGANIZATION"]]]}
        ]

    def test_what_the_service_does_not_believe_is_dropped(self, server: Server) -> None:
        weak = claim("Иван", "WORKPLACE", "Газпром", relationship_strength=0.05)
        assert relate(server, "Иван и Газпром", weak) == []
        assert relate(server, "Иван и Газпром", weak, min_strength=0.0) == [
            "Иван@0 WORKPLACE Газпром@7 0.05"
        ]

    def test_the_nearest_pair_is_taken_and_said_to_be_unclear(
        self, server: Server, caplog: pytest.LogCaptureFixture
    ) -> None:
        text = "Иван. Иван работает в Газпром."
        server.answers["/predict"] = lambda _: [claim("Иван", "WORKPLACE", "Газпром")]
        extractor = RemoteRelationExtractor(server.url)
        with caplog.at_level(logging.WARNING):
            found = extractor.relate([text], [mentions_in(text)])[0]
        assert [spell(text, relation) for relation in found] == ["Иван@6 WORKPLACE Газпром@22 0.9"]
        (doubt,) = extractor.ambiguities
        assert (doubt.text, doubt.relation, doubt.candidates) == (0, "WORKPLACE", 2)
        assert doubt.chosen == (found[0].subject, found[0].object)
        assert "Газпром" in caplog.text
        extractor.relate(["Пусто."], [()])
        assert extractor.ambiguities == ()

    def test_as_many_claims_as_pairs_are_not_unclear(self, server: Server) -> None:
        text = "Иван. Иван работает в Газпром."
        claims = [
            claim("Иван", "WORKPLACE", "Газпром", relationship_strength=s) for s in (0.6, 0.8)
        ]
        server.answers["/predict"] = lambda _: claims
        extractor = RemoteRelationExtractor(server.url)
        found = extractor.relate([text], [mentions_in(text)])[0]
        assert [spell(text, relation) for relation in found] == [
            "Иван@0 WORKPLACE Газпром@22 0.6",
            "Иван@6 WORKPLACE Газпром@22 0.8",
        ]
        assert extractor.ambiguities == ()

    def test_types_choose_among_mentions_of_one_text(self, server: Server) -> None:
        text = "Москва приняла Иван."
        mentions = [Mention(0, 6, "CITY"), Mention(0, 6, "AWARD"), Mention(15, 19, "PERSON")]
        server.answers["/predict"] = lambda _: [claim("Иван", "PLACE_RESIDES_IN", "Москва")]
        extractor = RemoteRelationExtractor(server.url)
        (relation,) = extractor.relate([text], [mentions])[0]
        assert relation.object.type == "CITY"
        assert extractor.ambiguities == ()

    def test_a_relation_that_no_types_allow_is_dropped_and_said(self, server: Server) -> None:
        text = "Иван и Пётр"
        server.answers["/predict"] = lambda _: [claim("Иван", "HEADQUARTERED_IN", "Пётр")]
        extractor = RemoteRelationExtractor(server.url)
        assert extractor.relate([text], [mentions_in(text)]) == [()]
        (doubt,) = extractor.ambiguities
        assert (doubt.candidates, doubt.chosen) == (0, None)

    def test_chunks_map_back_over_many_texts(self, server: Server) -> None:
        server.answers["/predict"] = lambda body: [
            claim("Пётр", "WORKPLACE", "Газпром", chunk_id=number)
            for number, chunk in enumerate(body["chunks"])
            if "Пётр" in chunk
        ]
        texts = ["Одна Москва.", "Иван ушёл. " * 30 + "Пётр ушёл из Газпром.", "Пётр и Газпром"]
        extractor = RemoteRelationExtractor(server.url, max_chars=60)
        assert isinstance(extractor, RelationExtractor)
        found = extractor.relate(texts, [mentions_in(text) for text in texts])
        assert [[spell(text, r) for r in rs] for text, rs in zip(texts, found, strict=True)] == [
            [],
            ["Пётр@330 WORKPLACE Газпром@343 0.9"],
            ["Пётр@0 WORKPLACE Газпром@7 0.9"],
        ]

    def test_a_text_without_pairs_asks_nothing(self, server: Server) -> None:
        extractor = RemoteRelationExtractor(server.url)
        assert extractor.relate(["Иван."], [[Mention(0, 4, "PERSON")]]) == [()]
        assert server.bodies == []

    @pytest.mark.parametrize(
        ("answer", "message"),
        [
            ({"relations": []}, "expected a list"),
            (["Иван"], "expected a relation's object"),
            ([claim("Иван", "LIKES", "Газпром")], "unknown relation 'LIKES'"),
            ([claim("Иван", "WORKPLACE", "Лукойл")], "no mention sent reads 'Лукойл'"),
            ([claim("Иван", "WORKPLACE", "Газпром", chunk_id=1)], "1 chunks were sent"),
            ([claim("Иван", "WORKPLACE", "Газпром", chunk_id=True)], "expected a relation"),
            ([claim("Иван", "WORKPLACE", "Газпром", relationship_strength=1.5)], "strength"),
            ([claim("Иван", "WORKPLACE", "Газпром", relationship_strength="1")], "expected"),
            (b'[{"relationship_strength": NaN}]', "expected a relation"),
        ],
    )
    def test_nonsense_is_refused(self, server: Server, answer: Any, message: str) -> None:
        server.answers["/predict"] = lambda _: answer
        with pytest.raises(RemoteError, match=f"{server.url}/predict.*{message}"):
            RemoteRelationExtractor(server.url).relate(
                ["Иван и Газпром"], [mentions_in("Иван и Газпром")]
            )


class TestFingerprints:
    def test_they_follow_the_service_and_its_options(self) -> None:
        prints = {
            RemoteMentionFinder("http://a").fingerprint,
            RemoteMentionFinder("http://a/").fingerprint,
            RemoteMentionFinder("http://b").fingerprint,
            RemoteMentionFinder("http://a", version="1.3").fingerprint,
            RemoteRelationExtractor("http://a").fingerprint,
            RemoteRelationExtractor("http://a", min_strength=0.4).fingerprint,
        }
        assert len(prints) == 5
