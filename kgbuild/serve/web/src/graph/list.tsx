// The nodes as a list, which says in words what the drawing shows, and what the colours mean.
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { TypeName } from "../parts/basics";
import { useLabels } from "../data";
import { useLanguage } from "../i18n";
import { type Kind, kindOf } from "../kinds";
import type { CanvasRef } from "./canvas";
import { type GraphNode, type Picture, shown } from "./picture";
import type { Acts } from "./view";
import { words } from "./words";

interface NodeListProps {
  picture: Picture;
  acts: Acts;
  canvas: CanvasRef;
}

export function NodeList({ picture, acts, canvas }: NodeListProps): JSX.Element {
  const said = words(useLanguage());
  const [wanted, setWanted] = useState("");
  const nodes = useMemo(
    () => [...picture.nodes].sort((one, other) => other.degree - one.degree),
    [picture],
  );
  const folded = wanted.trim().toLowerCase();
  const found = nodes.filter((node) => node.name.toLowerCase().includes(folded));
  return (
    <section class="graph-list" aria-label={said.list}>
      <h2>
        {said.list} <span class="number">{found.length}</span>
      </h2>
      <input
        type="search"
        aria-label={said.find}
        placeholder={said.find}
        value={wanted}
        onInput={(event) => setWanted(event.currentTarget.value)}
      />
      <p class="quiet">{said.listNote}</p>
      <ul>
        {found.map((node) => (
          <Row key={node.id} node={node} acts={acts} canvas={canvas} />
        ))}
      </ul>
    </section>
  );
}

interface RowProps {
  node: GraphNode;
  acts: Acts;
  canvas: CanvasRef;
}

function Row({ node, acts, canvas }: RowProps): JSX.Element {
  return (
    <li>
      <button
        type="button"
        class="plain item"
        onFocus={() => canvas.current?.hover(node.id, true)}
        onBlur={() => canvas.current?.hover(null)}
        onClick={() => acts.choose([node.id])}
        onDblClick={() => acts.expand(node.id)}
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          acts.expand(node.id);
        }}
      >
        <bdi>{shown(node.name, 120) || node.id}</bdi>
      </button>
      <TypeName type={node.type} />
      <span class="number">{node.degree}</span>
    </li>
  );
}

export function Legend({ picture }: { picture: Picture }): JSX.Element {
  const said = words(useLanguage());
  const labels = useLabels();
  const kinds = new Map<Kind, Set<string>>();
  for (const { type } of picture.nodes) {
    const kind = kindOf(type);
    kinds.set(kind, (kinds.get(kind) ?? new Set()).add(type));
  }
  return (
    <ul class="graph-legend" aria-label={said.legend}>
      {[...kinds].sort().map(([kind, types]) => (
        <li key={kind} class="type" data-kind={kind}>
          {[...types].map(labels.type).sort().join(", ")}
        </li>
      ))}
    </ul>
  );
}
