// The picture's colours, from the page's style sheet, and what is drawn beside a node.
import type { Settings } from "sigma/settings";
import type { Kind } from "../kinds";
import type { LineData, NodeData } from "./picture";
import type { Colour } from "./state";

export interface Looks {
  paper: string;
  ink: string;
  soft: string;
  line: string;
  edge: string;
  accent: string;
  focus: string;
  font: string;
  kinds: Record<Kind, string>;
}

const KINDS: readonly Kind[] = [
  "person", "organization", "place", "time", "number", "work", "event", "idea",
];

/** What the style sheet says now: it changes with the theme. */
export function looks(of: Element): Looks {
  const style = getComputedStyle(of);
  const value = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    paper: value("paper"),
    ink: value("ink"),
    soft: value("soft"),
    line: value("line"),
    edge: between(value("line"), value("soft")),
    accent: value("accent"),
    focus: value("focus"),
    font: style.fontFamily,
    kinds: Object.fromEntries(KINDS.map((kind) => [kind, value(`kind-${kind}`)])) as Record<Kind, string>,
  };
}

/** The colour on the way between two that are written as #rrggbb, halfway unless told. */
function between(one: string, other: string, way = 0.5): string {
  const part = (of: string, at: number) => parseInt(of.slice(at, at + 2), 16);
  const parts = [1, 3, 5].map((at) => Math.round(part(one, at) * (1 - way) + part(other, at) * way));
  if (!parts.every(Number.isFinite)) return one;
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** Communities that have a colour of their own; the others share one. */
export const COLOURED = 10;

/** The colour of a community: hues far apart, one beside the other. */
export function communityColour(number: number, looks: Looks): string {
  if (number < 0 || number >= COLOURED) return looks.soft;
  const dark = parseInt(looks.paper.slice(1, 3), 16) < 128;
  return hsl((number * 137.5 + 174) % 360, dark ? 0.55 : 0.6, dark ? 0.68 : 0.38);
}

/** A hue in degrees, saturation and lightness, as #rrggbb: what WebGL is given. */
function hsl(hue: number, saturation: number, lightness: number): string {
  const part = (n: number) => {
    const k = (n + hue / 30) % 12;
    const reach = saturation * Math.min(lightness, 1 - lightness);
    const value = lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(value * 255).toString(16).padStart(2, "0");
  };
  return `#${part(0)}${part(8)}${part(4)}`;
}

/** The colour of a node, by what is asked for. */
export function colourOf(data: NodeData, by: Colour, looks: Looks): string {
  if (by === "community") return communityColour(data.community, looks);
  if (by === "centrality") return between(looks.edge, looks.accent, Math.sqrt(data.centrality));
  return looks.kinds[data.kind];
}

/** Calls back whenever the theme changes; gives what ends that. */
export function onTheme(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", changed);
  return () => {
    observer.disconnect();
    system.removeEventListener("change", changed);
  };
}

type DrawHover = NonNullable<Settings<NodeData, LineData>["defaultDrawNodeHover"]>;

/** The label of a node under the pointer, on the page's own colour. */
export function hoverIn(get: () => Looks): DrawHover {
  return (context, data, settings) => {
    const { paper, ink, focus } = get();
    context.beginPath();
    context.arc(data.x, data.y, data.size + 2, 0, Math.PI * 2);
    context.strokeStyle = focus;
    context.lineWidth = 2;
    context.stroke();
    if (!data.label) return;
    context.font = `${settings.labelWeight} ${settings.labelSize}px ${settings.labelFont}`;
    const left = data.x + data.size + 3;
    const height = settings.labelSize + 6;
    context.globalAlpha = 0.92;
    context.fillStyle = paper;
    context.fillRect(left - 2, data.y - height / 2, context.measureText(data.label).width + 6, height);
    context.globalAlpha = 1;
    context.fillStyle = ink;
    context.fillText(data.label, left, data.y + settings.labelSize / 3);
  };
}
