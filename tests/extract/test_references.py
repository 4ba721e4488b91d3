"""References handed on to what they mean: by numbers computed by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from kgbuild.extract.batch import (
    COREFERENCE,
    DENIED,
    PAIR_LABELS,
    REFERENCES,
    RELATION_INDEX,
    TYPE_INDEX,
    coreferent_pairs,
)
from kgbuild.extract.decode import DecodingConfig, decode_relations
from kgbuild.extract.joint import JointExtractor
from kgbuild.extract.network import JointNetwork
from kgbuild.extract.references import (
    DENIAL,
    LINKED,
    Link,
    PairScores,
    links_of,
    resolve_references,
)
from kgbuild.models.encoder import LoadedEncoder
from kgbuild.types import Mention
from tests.extract.test_joint import CONFIG, check, settings_of

IVAN, PYOTR, HE, FIRM, CITY = range(5)
MENTIONS = (
    Mention(0, 4, "PERSON"),
    Mention(6, 10, "PERSON"),
    Mention(12, 14, "PERSON_REFERENCE"),
    Mention(16, 23, "ORGANIZATION"),
    Mention(25, 30, "CITY"),
)
WORKPLACE, LIVES = RELATION_INDEX["WORKPLACE"], RELATION_INDEX["PLACE_RESIDES_IN"]


def scores_of(
    told: dict[tuple[int, int], dict[int, float]], labels: int = PAIR_LABELS
) -> PairScores:
    """Pairs by mention number and what was told of them."""
    scores = np.zeros((len(told), labels), np.float32)
    for row, values in enumerate(told.values()):
        for label, value in values.items():
            scores[row, label] = value
    return PairScores(np.array(list(told), np.int64).reshape(-1, 2), scores)


def rows(found: PairScores, label: int) -> dict[tuple[int, int], float]:
    """The positive scores of a label by pair."""
    return {
        (s, o): pytest.approx(float(score))
        for (s, o), score in zip(found.pairs.tolist(), found.scores[:, label], strict=True)
        if score > 0
    }


def test_the_likeliest_antecedent_is_linked() -> None:
    told = {(HE, IVAN): {COREFERENCE: 0.6}, (HE, PYOTR): {COREFERENCE: 0.8}}
    assert links_of(MENTIONS, scores_of(told)) == (Link(HE, PYOTR, pytest.approx(0.8)),)
    turned = {(HE, IVAN): {COREFERENCE: 0.9}, (HE, PYOTR): {COREFERENCE: 0.8}}
    assert links_of(MENTIONS, scores_of(turned)) == (Link(HE, IVAN, pytest.approx(0.9)),)


def test_an_unlikely_antecedent_is_none() -> None:
    below = {(HE, IVAN): {COREFERENCE: LINKED - 0.01}, (HE, PYOTR): {COREFERENCE: 0.1}}
    assert links_of(MENTIONS, scores_of(below)) == ()
    above = {(HE, IVAN): {COREFERENCE: LINKED + 0.01}}
    assert [link.antecedent for link in links_of(MENTIONS, scores_of(above))] == [IVAN]


def test_only_a_mention_of_the_type_it_stands_for_is_an_antecedent() -> None:
    told = {
        (HE, FIRM): {COREFERENCE: 0.99},
        (IVAN, HE): {COREFERENCE: 0.99},
        (IVAN, PYOTR): {COREFERENCE: 0.99},
        (HE, IVAN): {COREFERENCE: 0.5},
    }
    assert [(k.reference, k.antecedent) for k in links_of(MENTIONS, scores_of(told))] == [
        (HE, IVAN)
    ]
    names = {TYPE_INDEX[r]: TYPE_INDEX[stands] for r, stands in REFERENCES.items()}
    pairs = np.argwhere(coreferent_pairs()).tolist()
    assert pairs == [list(item) for item in sorted(names.items())]


def test_what_is_read_of_a_reference_is_its_antecedent_s_weaker_by_the_doubt() -> None:
    told = {(HE, PYOTR): {COREFERENCE: 0.8}, (HE, FIRM): {WORKPLACE: 0.9}}
    resolved = resolve_references(MENTIONS, scores_of(told))
    assert rows(resolved.stated, WORKPLACE) == {(PYOTR, FIRM): 0.72}
    assert [link.antecedent for link in resolved.links] == [PYOTR]


@pytest.mark.parametrize(("direct", "expected"), [(0.5, 0.72), (0.8, 0.8)])
def test_of_a_name_s_own_score_and_a_reference_s_the_higher_counts(
    direct: float, expected: float
) -> None:
    told = {
        (PYOTR, FIRM): {WORKPLACE: direct, LIVES: 0.1},
        (HE, PYOTR): {COREFERENCE: 0.8},
        (HE, FIRM): {WORKPLACE: 0.9},
    }
    resolved = resolve_references(MENTIONS, scores_of(told))
    assert rows(resolved.stated, WORKPLACE) == {(PYOTR, FIRM): expected}
    assert rows(resolved.stated, LIVES) == {(PYOTR, FIRM): 0.1}


def test_a_reference_without_an_antecedent_states_nothing() -> None:
    told = {(HE, IVAN): {COREFERENCE: 0.2}, (HE, FIRM): {WORKPLACE: 0.9}}
    assert len(resolve_references(MENTIONS, scores_of(told)).stated.pairs) == 0


def test_two_references_share_their_doubts_and_one_entity_is_no_pair() -> None:
    she = (*MENTIONS, Mention(32, 35, "PERSON_REFERENCE"))
    spouse = RELATION_INDEX["SPOUSE"]
    told = {
        (HE, IVAN): {COREFERENCE: 0.8},
        (5, PYOTR): {COREFERENCE: 0.5},
        (HE, 5): {spouse: 0.9},
    }
    assert rows(resolve_references(she, scores_of(told)).stated, spouse) == {(IVAN, PYOTR): 0.36}
    told[5, PYOTR] = {COREFERENCE: 0.1}
    told[5, IVAN] = {COREFERENCE: 0.5}
    assert rows(resolve_references(she, scores_of(told)).stated, spouse) == {}


def test_a_denied_pair_is_not_stated() -> None:
    told = {
        (IVAN, FIRM): {WORKPLACE: 0.9, DENIED: DENIAL + 0.1},
        (IVAN, CITY): {LIVES: 0.7, DENIED: DENIAL - 0.1},
    }
    resolved = resolve_references(MENTIONS, scores_of(told))
    assert rows(resolved.stated, WORKPLACE) == {}
    assert rows(resolved.denied, WORKPLACE) == {(IVAN, FIRM): 0.9}
    assert rows(resolved.stated, LIVES) == {(IVAN, CITY): 0.7}
    assert rows(resolved.denied, LIVES) == {}
    reading = DecodingConfig(
        np.tile([1.0, 0.0], (49, 1)).astype(np.float32), np.full(49, 0.5, np.float32)
    )
    found = decode_relations(MENTIONS, resolved.stated, reading)
    assert [r.relation for r in found] == ["PLACE_RESIDES_IN"]


def test_a_symmetric_relation_denied_one_way_is_stated_in_neither() -> None:
    spouse, parent = RELATION_INDEX["SPOUSE"], RELATION_INDEX["PARENT_OF"]
    told = {
        (IVAN, PYOTR): {spouse: 0.9, DENIED: 0.9},
        (PYOTR, IVAN): {spouse: 0.8, parent: 0.7},
    }
    resolved = resolve_references(MENTIONS, scores_of(told))
    assert rows(resolved.stated, spouse) == {}
    assert rows(resolved.stated, parent) == {(PYOTR, IVAN): 0.7}
    assert rows(resolved.denied, spouse) == {(IVAN, PYOTR): 0.9}


def test_what_is_denied_of_a_reference_is_denied_of_its_antecedent_and_stated_elsewhere() -> None:
    told = {
        (HE, IVAN): {COREFERENCE: 0.5},
        (HE, FIRM): {WORKPLACE: 0.8, DENIED: 0.9},
        (IVAN, FIRM): {WORKPLACE: 0.6},
    }
    resolved = resolve_references(MENTIONS, scores_of(told))
    assert rows(resolved.denied, WORKPLACE) == {(IVAN, FIRM): 0.4}
    assert rows(resolved.stated, WORKPLACE) == {(IVAN, FIRM): 0.6}


def test_scores_of_old_weights_stay_as_they_were() -> None:
    told = {(IVAN, FIRM): {WORKPLACE: 0.9}, (IVAN, CITY): {LIVES: 0.7}, (PYOTR, IVAN): {3: 0.4}}
    averaged = scores_of(told, 49)
    resolved = resolve_references(MENTIONS, averaged)
    assert resolved.links == ()
    assert len(resolved.denied.pairs) == 0
    assert resolved.stated.pairs.tolist() == averaged.pairs.tolist()
    assert np.array_equal(resolved.stated.scores, averaged.scores)


@pytest.mark.parametrize("labels", [49, PAIR_LABELS])
def test_no_pairs_are_borne(labels: int) -> None:
    for mentions in ((), MENTIONS):
        resolved = resolve_references(mentions, scores_of({}, labels))
        assert resolved.stated.pairs.shape == resolved.denied.pairs.shape == (0, 2)
        assert resolved.links == ()


@pytest.fixture
def extractor(tiny_encoder: LoadedEncoder) -> JointExtractor:
    """Random weights of a network with references that find much of everything."""
    torch.manual_seed(3)
    config = replace(CONFIG, references=1)
    network = JointNetwork(tiny_encoder.model, config)
    with torch.no_grad():
        for module in (network.type_inputs, *network.pairs.features):
            module.weight.normal_(std=0.5)
        network.spans.out.weight.mul_(8)
        network.pairs.out.weight.mul_(8)
        network.spans.out.bias.fill_(-2.5)
        network.spans.out.bias[TYPE_INDEX["PERSON_REFERENCE"]] = 0.0
        network.spans.out.bias[TYPE_INDEX["PERSON"]] = 0.0
        network.pairs.out.bias.fill_(-2.0)
        network.pairs.out.bias[COREFERENCE] = 1.0
    return JointExtractor(network, tiny_encoder, settings_of(network=config.to_dict()))


TEXTS = [
    "Иван Петров работает в Газпроме. Он живёт в Москве. Родился в Твери.",
    "Устав\n\nО цехе\n\n" + "Она пела тут. Анна ушла. " * 8,
    "Да.",
]


def test_references_are_followed_and_never_come_out(extractor: JointExtractor) -> None:
    linked = extractor.link(TEXTS)
    assert sum(map(len, linked)) > 3
    found = extractor.extract(TEXTS)
    assert sum(len(e.relations) for e in found) > 3
    for text, extraction, mentions, links in zip(
        TEXTS, found, extractor.find(TEXTS), linked, strict=True
    ):
        check(text, extraction)
        assert extraction.mentions == mentions
        assert not any(m.type in REFERENCES for m in mentions)
        references = [reference for reference, _, _ in links]
        assert len(set(references)) == len(references)
        for reference, antecedent, probability in links:
            assert REFERENCES[reference.type] == antecedent.type
            assert antecedent in mentions
            assert LINKED <= probability <= 1


def test_given_references_are_followed_in_relations_between_given_mentions(
    extractor: JointExtractor,
) -> None:
    text = TEXTS[0]
    spans = [("Иван Петров", "PERSON"), ("Газпроме", "ORGANIZATION"), ("Москве", "CITY")]
    mentions = [Mention(text.index(n), text.index(n) + len(n), k) for n, k in spans]
    pronoun = Mention(text.index("Он"), text.index("Он") + 2, "PERSON_REFERENCE")
    [found] = extractor.relate([text], [[*mentions, pronoun]])
    assert all({r.subject, r.object} <= set(mentions) for r in found)
    [scores] = extractor.score_pairs([text], [[*mentions, pronoun]])
    assert 3 not in scores.pairs
