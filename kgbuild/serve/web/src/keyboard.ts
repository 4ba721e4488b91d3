// Keys that work on every page: / to the search box, arrows through a list, Esc out of it.

export const FIELDS = "input, textarea, select, [contenteditable]";

export function listenToKeys(): void {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const focused = document.activeElement;
    const typing = focused instanceof HTMLElement && focused.matches(FIELDS);
    if (event.key === "/" && !typing) {
      event.preventDefault();
      const box = document.getElementById("q");
      if (box instanceof HTMLInputElement) {
        box.focus();
        box.select();
      }
    } else if (event.key === "Escape" && focused instanceof HTMLElement) {
      focused.blur();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (typing && focused.id !== "q") return;
      if (moveFocus(event.key === "ArrowDown" ? 1 : -1, focused)) event.preventDefault();
    }
  });
}

/** Moves the focus among the items of the page; says whether there was one to go to. */
function moveFocus(step: number, focused: Element | null): boolean {
  const items = [...document.querySelectorAll<HTMLElement>("main .item")];
  const at = focused === null ? -1 : items.indexOf(focused as HTMLElement);
  if (at < 0 && focused?.id !== "q") return false;
  const next = items[at + step];
  if (next === undefined && at >= 0 && step < 0) {
    document.getElementById("q")?.focus();
    return true;
  }
  if (next === undefined) return false;
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}
