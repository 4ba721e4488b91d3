// What the explorer says, in Russian and in English.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { remember, remembered } from "./theme";
import { en, ru, type Messages } from "./messages";

export type Language = "ru" | "en";

const KEY = "kgbuild.language";

/** The language that was chosen, or the first of the browser's that is spoken here. */
export function firstLanguage(): Language {
  const kept = remembered(KEY);
  if (kept === "ru" || kept === "en") return kept;
  for (const language of navigator.languages) {
    if (language.startsWith("ru")) return "ru";
    if (language.startsWith("en")) return "en";
  }
  return "en";
}

export function keepLanguage(language: Language): void {
  remember(KEY, language);
}

export const LanguageContext = createContext<Language>("ru");

export const useLanguage = (): Language => useContext(LanguageContext);

export const useMessages = (): Messages => (useLanguage() === "ru" ? ru : en);

/** A number as the language writes it. */
export function useNumbers(): (value: number) => string {
  const format = new Intl.NumberFormat(useLanguage());
  return (value) => format.format(value);
}

/** The form of a word that a number takes: `plural("ru", 3, ["факт", "факта", "фактов"])`. */
export function plural(language: Language, count: number, forms: readonly string[]): string {
  const rule = new Intl.PluralRules(language).select(count);
  if (language === "en") return (rule === "one" ? forms[0] : forms[1]) ?? "";
  return (rule === "one" ? forms[0] : rule === "few" ? forms[1] : forms[2]) ?? "";
}
