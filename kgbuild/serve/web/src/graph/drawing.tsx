// The canvas and its keys.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useLanguage } from "../i18n";
import { Canvas, type CanvasRef } from "./canvas";
import { drawn, type Picture } from "./picture";
import type { Acts, View } from "./state";
import { words } from "./words";

interface DrawingProps {
  picture: Picture;
  view: View;
  acts: Acts;
  canvas: CanvasRef;
}

export function Drawing({ picture, view, acts, canvas }: DrawingProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const language = useLanguage();
  const before = useRef<Picture | null>(null);
  const moved = useRef<(id: string, x: number, y: number) => void>(() => undefined);
  moved.current = (id, x, y) => acts.update({ pinned: { ...view.pinned, [id]: [x, y] } });
  useEffect(() => {
    const graph = drawn(picture, language, view.size);
    if (canvas.current === null) {
      if (host.current === null) return;
      canvas.current = new Canvas(host.current, graph, {
        node: (id) => acts.choose([id]),
        expand: acts.expand,
        line: (one, other) => acts.choose([one, other]),
        nothing: () => acts.choose([]),
        moved: (id, x, y) => moved.current(id, x, y),
        camera: (camera) => acts.update({ camera }),
      });
      canvas.current.show(graph, view.camera);
    } else {
      const grown = before.current !== null && continues(before.current, picture);
      canvas.current.show(graph, grown ? canvas.current.camera() : null);
    }
    before.current = picture;
  }, [picture, view.size]);
  useEffect(() => canvas.current?.paint(view.colour), [view.colour, picture]);
  useEffect(() => canvas.current?.choose(view.chosen), [view.chosen, picture]);
  useEffect(
    () => () => {
      canvas.current?.destroy();
      canvas.current = null;
    },
    [],
  );
  return (
    <div
      ref={host}
      class="graph-canvas"
      tabIndex={0}
      role="application"
      aria-label={words(language).canvas}
      onKeyDown={(event) => {
        if (canvas.current !== null && pressed(event.key, canvas.current, view, acts)) {
          event.preventDefault();
          event.stopPropagation();
        }
      }}
    />
  );
}

/** Whether a picture goes on from another: some of its nodes are there, most where they were. */
function continues(before: Picture, now: Picture): boolean {
  const places = new Map(before.nodes.map((node) => [node.id, node]));
  const kept = now.nodes.filter((node) => places.has(node.id));
  return (
    kept.length > 0 &&
    kept.filter((node) => {
      const place = places.get(node.id);
      return place?.x === node.x && place.y === node.y;
    }).length >= kept.length - 1
  );
}

/** Does what a key stands for; says whether it stands for something. */
function pressed(key: string, canvas: Canvas, view: View, acts: Acts): boolean {
  const [chosen, other] = view.chosen;
  const does: Record<string, () => void> = {
    ArrowLeft: () => canvas.pan(-1, 0),
    ArrowRight: () => canvas.pan(1, 0),
    ArrowUp: () => canvas.pan(0, -1),
    ArrowDown: () => canvas.pan(0, 1),
    "+": () => canvas.zoom(true),
    "=": () => canvas.zoom(true),
    "-": () => canvas.zoom(false),
    "0": () => canvas.fit(),
    Escape: () => acts.choose([]),
  };
  if (chosen !== undefined && other === undefined) does["Enter"] = () => acts.expand(chosen);
  const act = does[key];
  act?.();
  return act !== undefined;
}
