// The row of buttons above the drawing, and what is said below it.
import type { ComponentChildren, JSX } from "preact";
import { plural, useLanguage, useMessages } from "../i18n";
import type { CanvasRef } from "./canvas";
import { csv, gexf, png, save, svg } from "./export";
import type { Picture } from "./picture";
import { type Acts, DEFAULT_TOP, type View } from "./state";
import { words } from "./words";

interface ToolsProps {
  view: View;
  acts: Acts;
  canvas: CanvasRef;
  drawing: boolean;
  picture: Picture | undefined;
}

export function Tools({ view, acts, canvas, drawing, picture }: ToolsProps): JSX.Element {
  const language = useLanguage();
  const said = words(language);
  const whole = () =>
    acts.update({
      centres: [], steps: [], top: DEFAULT_TOP, chosen: [], from: "", camera: null, hidden: [], pinned: {}, groups: [],
    });
  const changed = view.hidden.length + view.groups.length + Object.keys(view.pinned).length > 0;
  return (
    <div class="graph-tools" role="toolbar" aria-label={said.tools}>
      {drawing && (
        <>
          <Tool name={said.zoomIn} act={() => canvas.current?.zoom(true)}>+</Tool>
          <Tool name={said.zoomOut} act={() => canvas.current?.zoom(false)}>−</Tool>
          <Tool name={said.fit} act={() => canvas.current?.fit()}>⤢</Tool>
        </>
      )}
      <button
        type="button"
        disabled={view.steps.length === 0}
        onClick={() => acts.update({ steps: view.steps.slice(0, -1) })}
      >
        {said.undo}
      </button>
      <button type="button" onClick={whole}>{said.whole}</button>
      <button
        type="button"
        disabled={!changed /* and not left out: a tool more would move what was just dropped */}
        onClick={() => acts.update({ hidden: [], pinned: {}, groups: [] })}
      >
        {said.asItWas}
      </button>
      {drawing && <Saving canvas={canvas} name={said.save} />}
      {picture && (
        <>
          <Tool name={`${said.save} CSV`} act={() => save(csv(picture, language), "graph.csv")}>CSV</Tool>
          <Tool name={`${said.save} GEXF`} act={() => save(gexf(picture, language), "graph.gexf")}>GEXF</Tool>
        </>
      )}
    </div>
  );
}

function Saving({ canvas, name }: { canvas: CanvasRef; name: string }): JSX.Element {
  const saveSvg = () => canvas.current && save(svg(canvas.current), "graph.svg");
  const savePng = async () => {
    const made = canvas.current && (await png(canvas.current));
    if (made) save(made, "graph.png");
  };
  return (
    <>
      <Tool name={`${name} PNG`} act={() => void savePng()}>PNG</Tool>
      <Tool name={`${name} SVG`} act={saveSvg}>SVG</Tool>
    </>
  );
}

interface ToolProps {
  name: string;
  act(): unknown;
  children: ComponentChildren;
}

function Tool({ name, act, children }: ToolProps): JSX.Element {
  return (
    <button type="button" aria-label={name} title={name} onClick={() => void act()}>
      {children}
    </button>
  );
}

interface StatusProps {
  picture: Picture | undefined;
  error: Error | undefined;
  loading: boolean;
  view: View;
  drawing: boolean;
}

export function Status({ picture, error, loading, view, drawing }: StatusProps): JSX.Element {
  const language = useLanguage();
  const messages = useMessages();
  const said = words(language);
  const count = (number: number, forms: string) =>
    `${number} ${plural(language, number, forms.split("|"))}`;
  const lost =
    view.steps.at(-1)?.includes("~") && picture && !picture.edges.some((edge) => edge.on_path);
  return (
    <div class="graph-status">
      <p role="status">
        {loading && !error
          ? messages.loading
          : picture && `${count(picture.nodes.length, said.nodes)}, ${count(picture.edges.length, said.lines)}.`}
        {!loading && picture?.truncated && ` ${said.truncated}`}
        {!loading && picture?.nodes.length === 0 && ` ${said.nothing}`}
        {!loading && lost && ` ${said.noPath}`}
      </p>
      {!drawing && <p class="warning" role="alert">{said.noDrawing}</p>}
      {error && (
        <p class="failure" role="alert">
          {messages.failed} <bdi>{error.message}</bdi>
        </p>
      )}
    </div>
  );
}
