// The nodes as a list, which says in words what the drawing shows, and what the colours mean.
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { TypeName } from "../parts/basics";
import { useLabels } from "../data";
import { useLanguage } from "../i18n";
import { type Kind, kindOf } from "../kinds";
import type { CanvasRef } from "./canvas";
import { COLOURED, communityColour, looks } from "./looks";
import { type GraphNode, type Picture, shown } from "./picture";
import type { Acts, View } from "./state";
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

interface LegendProps {
  picture: Picture;
  view: View;
  canvas: CanvasRef;
}

/** What the colours mean: types, or communities by their foremost members. */
export function Legend({ picture, view, canvas }: LegendProps): JSX.Element {
  const said = words(useLanguage());
  if (view.colour === "community") return <Communities picture={picture} canvas={canvas} />;
  if (view.colour === "centrality") return <p class="quiet">{said.centralityNote}</p>;
  return <Kinds picture={picture} />;
}

function Communities({ picture, canvas }: { picture: Picture; canvas: CanvasRef }): JSX.Element {
  const said = words(useLanguage());
  const colours = canvas.current && looks(canvas.current.host);
  const members = new Map<number, GraphNode[]>();
  for (const node of picture.nodes) {
    if (node.community < 0) continue;
    members.set(node.community, [...(members.get(node.community) ?? []), node]);
  }
  const found = [...members].sort(([one], [other]) => one - other).slice(0, COLOURED);
  return (
    <ul class="graph-legend" aria-label={said.legend}>
      {found.map(([number, nodes]) => {
        const foremost = [...nodes].sort((one, other) => other.degree - one.degree).slice(0, 2);
        return (
          <li key={number} class="type" style={colours ? { "--kind": communityColour(number, colours) } : {}}>
            <bdi>{foremost.map((node) => shown(node.name, 24)).join(", ")}</bdi> ({nodes.length})
          </li>
        );
      })}
    </ul>
  );
}

function Kinds({ picture }: { picture: Picture }): JSX.Element {
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
