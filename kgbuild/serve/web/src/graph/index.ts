// The graph view. What mounts it is src/pages/graph.tsx.

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
  const note = document.createElement("p");
  note.textContent = options.language === "ru" ? "Здесь будет граф." : "The graph will be here.";
  host.append(note);
  return {
    destroy(): void {
      note.remove();
    },
  };
}
