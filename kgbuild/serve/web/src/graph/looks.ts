// The picture's colours, from the page's style sheet, and what is drawn beside a node.
import type { Settings } from "sigma/settings";
import type { Kind } from "../kinds";
import type { LineData, NodeData } from "./picture";

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

/** The colour halfway between two that are written as #rrggbb. */
function between(one: string, other: string): string {
  const parts = [1, 3, 5].map((at) =>
    Math.round((parseInt(one.slice(at, at + 2), 16) + parseInt(other.slice(at, at + 2), 16)) / 2),
  );
  if (!parts.every(Number.isFinite)) return one;
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
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
