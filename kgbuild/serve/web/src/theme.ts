// Light or dark: what was chosen, or what the system prefers. Loaded first, so that the page
// isn't drawn twice.

export type Theme = "light" | "dark" | "system";

const KEY = "kgbuild.theme";

/** A value that outlives the page, where the browser allows it. */
export function remembered(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // a browser that keeps nothing: the choice lasts as long as the page
  }
}

export function theme(): Theme {
  const kept = remembered(KEY);
  return kept === "light" || kept === "dark" ? kept : "system";
}

export function setTheme(chosen: Theme): void {
  remember(KEY, chosen);
  apply(chosen);
}

function apply(chosen: Theme): void {
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}

apply(theme());
