// What is chosen: a node with its facts, or the facts that a line stands for.
import type { JSX } from "preact";
import { factsUrl } from "../api";
import { Confidence, TypeName, Waiting } from "../parts/basics";
import { EvidenceList, FactRow, otherEnd, Triple, useTold } from "../parts/facts";
import { FactVerdict } from "../parts/judge";
import { useData, useMayEdit } from "../data";
import { useLanguage } from "../i18n";
import type { Fact, Page } from "../types";
import { type GraphEdge, type GraphNode, pairOf, type Picture, shown } from "./picture";
import type { Acts, View } from "./state";
import { words } from "./words";

interface ChosenProps {
  picture: Picture;
  view: View;
  acts: Acts;
}

export function Chosen({ picture, view, acts }: ChosenProps): JSX.Element | null {
  const said = words(useLanguage());
  const [one, other] = view.chosen;
  const node = picture.nodes.find((found) => found.id === one);
  if (one === undefined || node === undefined) return null;
  const close = () => acts.choose([]);
  return (
    <section class="graph-card" aria-label={said.chosen}>
      <button type="button" class="plain close" onClick={close}>{said.close}</button>
      {other === undefined ? (
        <NodeCard node={node} picture={picture} view={view} acts={acts} />
      ) : (
        <Facts edges={picture.edges.filter((edge) => pairOf(edge.subject, edge.object) === pairOf(one, other))} />
      )}
    </section>
  );
}

interface NodeCardProps extends ChosenProps {
  node: GraphNode;
}

function NodeCard({ node, picture, view, acts }: NodeCardProps): JSX.Element {
  const said = words(useLanguage());
  const drawn = picture.edges.filter((edge) => edge.subject === node.id || edge.object === node.id);
  const from = picture.nodes.find((found) => found.id === view.from && found.id !== node.id);
  const alone = () =>
    acts.update({ centres: [node.id], top: 0, steps: [], from: "", camera: null });
  const pinned = view.pinned[node.id] !== undefined;
  const grouped = view.groups.includes(node.id);
  const { [node.id]: _, ...others } = view.pinned;
  return (
    <>
      <h2>
        <bdi>{shown(node.name, 300) || node.id}</bdi> <TypeName type={node.type} />
      </h2>
      <p class="quiet">
        {node.degree} {said.facts}, {drawn.length} {said.hidden}
      </p>
      <p class="graph-acts">
        <button type="button" onClick={() => acts.expand(node.id)}>{said.expand}</button>
        <button type="button" onClick={() => acts.open(node.id)}>{said.open}</button>
        <button type="button" onClick={alone}>{said.centre}</button>
        {from === undefined ? (
          <button
            type="button"
            aria-pressed={view.from === node.id}
            onClick={() => acts.update({ from: view.from === node.id ? "" : node.id })}
          >
            {said.pathFrom}
          </button>
        ) : (
          <button type="button" onClick={() => acts.path(from.id, node.id)}>
            {said.pathTo} <bdi>{shown(from.name)}</bdi>
          </button>
        )}
        <button
          type="button"
          onClick={() => acts.update({ hidden: [...view.hidden, node.id], chosen: [] })}
        >
          {said.hide}
        </button>
        <button
          type="button"
          aria-pressed={pinned}
          onClick={() => acts.update({ pinned: pinned ? others : { ...others, [node.id]: [node.x, node.y] } })}
        >
          {said.pin}
        </button>
        {(grouped || node.community >= 0) && (
          <button
            type="button"
            aria-pressed={grouped}
            onClick={() =>
              acts.update({
                groups: grouped ? view.groups.filter((id) => id !== node.id) : [...view.groups, node.id],
              })
            }
          >
            {said.group}
          </button>
        )}
      </p>
      <NodeFacts node={node} drawn={drawn} acts={acts} />
    </>
  );
}

/** A node's facts with their sentences; from each one that is drawn a way to its line. */
function NodeFacts({ node, drawn, acts }: { node: GraphNode; drawn: readonly GraphEdge[]; acts: Acts }): JSX.Element {
  const said = words(useLanguage());
  const told = useTold();
  const loaded = useData<Page<Fact>>(factsUrl({ entity: node.id }));
  const lines = new Set(drawn.map((edge) => edge.id));
  return (
    <>
      <Waiting of={loaded} />
      <ul class="plain-list graph-node-facts">
        {loaded.value?.items.map((fact) => (
          <FactRow key={fact.id} fact={fact} of={node.id} named>
            {lines.has(fact.id) && (
              <button
                type="button"
                class="plain to-line"
                aria-label={`${said.line}: ${told(fact)}`}
                title={said.line}
                onClick={() => acts.choose([node.id, otherEnd(fact, node.id).id])}
              >
                {said.line}
              </button>
            )}
          </FactRow>
        ))}
      </ul>
    </>
  );
}

function Facts({ edges }: { edges: readonly GraphEdge[] }): JSX.Element {
  return (
    <ul class="graph-facts">
      {edges.map((edge) => (
        <FactCard key={edge.id} id={edge.id} />
      ))}
    </ul>
  );
}

function FactCard({ id }: { id: string }): JSX.Element {
  const mayEdit = useMayEdit();
  const told = useTold();
  const loaded = useData<Fact>(`/v1/facts/${encodeURIComponent(id)}`);
  const fact = loaded.value;
  if (fact === undefined) return <li><Waiting of={loaded} /></li>;
  return (
    <li>
      <p>
        <Triple fact={fact} /> <Confidence value={fact.confidence} />
      </p>
      <EvidenceList evidence={fact.evidence} />
      {mayEdit && <FactVerdict fact={fact.id} what={told(fact)} />}
    </li>
  );
}
