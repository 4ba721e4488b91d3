// What is chosen: a node, or the facts that a line stands for.
import type { JSX } from "preact";
import { Confidence, TypeName, Waiting } from "../parts/basics";
import { EvidenceList, Triple } from "../parts/facts";
import { useData } from "../data";
import { useLanguage } from "../i18n";
import type { Fact } from "../types";
import { type GraphEdge, type GraphNode, pairOf, type Picture, shown } from "./picture";
import type { View } from "./state";
import type { Acts } from "./view";
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
    <section class="graph-card" aria-live="polite">
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
      </p>
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
  const loaded = useData<Fact>(`/v1/facts/${encodeURIComponent(id)}`);
  const fact = loaded.value;
  if (fact === undefined) return <li><Waiting of={loaded} /></li>;
  return (
    <li>
      <p>
        <Triple fact={fact} /> <Confidence value={fact.confidence} />
      </p>
      <EvidenceList evidence={fact.evidence} />
    </li>
  );
}
