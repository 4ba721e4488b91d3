// The graph view. What mounts it is src/pages/graph.tsx.
import { h, render } from "preact";
import { GraphView } from "./view";

export interface GraphOptions {
  language: "ru" | "en";
  search: URLSearchParams;
  onSearch(params: URLSearchParams): void;
  openEntity(id: string): void;
}

export interface GraphHandle {
  destroy(): void;
}

export function mountGraph(host: HTMLElement, options: GraphOptions): GraphHandle {
  render(h(GraphView, { options }), host);
  return {
    destroy(): void {
      render(null, host);
    },
  };
}
