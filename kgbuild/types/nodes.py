"""Names as documents use them: what resolution joins, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kgbuild.types.text import Mention, type_name

_PRIOR = 4.0
"""How many judgements of a kind of pair the scorer's probability weighs as much as."""


@dataclass(frozen=True, slots=True)
class Name:
    """A normalised name: ``key`` identifies (casefolded), ``canonical`` is shown."""

    key: str
    canonical: str


@dataclass(frozen=True, slots=True)
class ResolvedMention:
    """A mention with what it names in its document. ``entity`` is the id of a :class:`NameNode`."""

    mention: Mention
    entity: str
    name: str


@dataclass(frozen=True, slots=True, order=True)
class NodeFeature:
    """Something that a document says of a node and that helps to tell who it is.

    ``kind`` is ``block`` (nodes of one block may be one entity), ``alias`` (the id of
    another name's node, by which the document calls it too), ``born`` or ``died`` (a year),
    ``legal`` (the abbreviated legal form of an organisation), ``kin`` (the id of the node of a
    namesake who is the person's kin),
    ``bears`` or ``lone`` (a first name or patronymic that somebody with a surname bears, or that
    a name without one consists of), ``reading`` (another nominative that a name's form allows
    for) or ``near`` (what stands near it: a surname, or the id of a node). A store adds ``known``: an entry of
    a register that has this name (:func:`registry_entry` reads it).
    """

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class NameNode:
    """A name with what one document knows of its bearer: the unit of resolution.

    Equal names get equal ids in every document. An entity is a set of nodes, named by the id
    of one of them; which nodes are one is computed from the nodes of all documents.
    ``type`` and ``key`` (the folded canonical name) belong to the id; both are "" where a
    node never joins another by itself.
    """

    id: str
    type: type_name = ""
    key: str = ""
    features: tuple[NodeFeature, ...] = ()


BEARS, LONE = "bears", "lone"

CROWD = 24
"""A first name or patronymic that more nodes with a surname bear says nothing alone: names that
consist of it join nobody in another document. So what one name costs stays bounded."""

NEAR_SEEN = 64
"""Of a node's neighbours the linker looks at so many: those that most documents name, of
equals the last in code point order. What an often named person costs stays bounded so."""


@dataclass(frozen=True, slots=True)
class NodeStats:
    """A node over all documents: how many hold it, and how many say each of its features.

    Of the ``near`` features those past the first ``NEAR_SEEN`` may be missing.
    """

    id: str
    type: type_name
    key: str
    documents: int
    features: tuple[tuple[NodeFeature, int], ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a mention stands: a document's source and a span in it."""

    document: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """A person's word on the graph, with time and author.

    ``verdict`` is same, not_same or unsure (of the entities ``subject`` and ``object``), split
    (``places`` leave the entity ``subject``), accept or reject (of a fact), rename or retype
    (``value`` is the name or type of the entity ``subject``), or state (a fact that nothing
    else need state; with a sentence ``places`` are those of the subject, the object and the
    passage, and ``value`` is the passage's text), or mention (the text ``value`` at the one
    place names the entity ``subject``, with a ``type`` and canonical ``name``). Entities are named by node ids, so
    a judgement holds whatever documents come and go. ``id`` is given by the
    store; ``undone_at`` is when it was taken back. ``node`` is what a split's mentions are
    called for good, once its places can't tell any more: a document of it moved.
    """

    verdict: str
    subject: str
    author: str
    made_at: datetime
    relation: str | None = None
    object: str | None = None
    places: tuple[Place, ...] = ()
    note: str = ""
    id: int = 0
    undone_at: datetime | None = None
    node: str = ""
    value: str = ""
    type: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why two names are one entity or two: the rule or scorer that says so.

    ``joined`` is the outcome; ``score`` is the scorer's probability that they are one, or
    None where a rule or a judgement decided.
    """

    one: str
    other: str
    joined: bool
    rule: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Clusters:
    """What a clusterer made of nodes: each node's entity, as the id of one of the entity's nodes,
    and the pairs that a scorer weighed, each once."""

    entity_of: dict[str, str]
    weighed: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Leaning:
    """How often people called pairs of a kind two (``apart``) and one (``together``)."""

    apart: int = 0
    together: int = 0

    @property
    def even(self) -> float:
        """The scorer's probability that :meth:`corrected` makes one half of."""
        return 0.5 + (self.apart - self.together) / (2 * _PRIOR)

    def corrected(self, chance: float) -> float:
        """The scorer's probability, moved by what people said of such pairs: the mean of a beta
        distribution that has seen ``_PRIOR`` pairs of that probability, and theirs."""
        said = self.apart + self.together
        return (_PRIOR * chance + self.together) / (_PRIOR + said)


@dataclass(frozen=True, slots=True, order=True)
class NamedNode:
    """A node by its name: the folded ``key`` of a ``type``, and the entity it belongs to now."""

    type: type_name
    key: str
    node: str
    entity: str
