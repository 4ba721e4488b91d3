// The frame around every page, and which page an address shows.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { firstLanguage, keepLanguage, type Language, LanguageContext, useMessages } from "./i18n";
import { GraphPage } from "./pages/graph";
import { Link, type Place, usePlace } from "./router";
import { setTheme, theme, type Theme } from "./theme";

export function App(): JSX.Element {
  const [language, setLanguage] = useState<Language>(firstLanguage);
  const place = usePlace();
  document.documentElement.lang = language;
  const choose = (chosen: Language) => {
    keepLanguage(chosen);
    setLanguage(chosen);
  };
  return (
    <LanguageContext.Provider value={language}>
      <Frame place={place} language={language} choose={choose} />
    </LanguageContext.Provider>
  );
}

interface FrameProps {
  place: Place;
  language: Language;
  choose(language: Language): void;
}

function Frame({ place, language, choose }: FrameProps): JSX.Element {
  const messages = useMessages();
  return (
    <>
      <a class="skip" href="#content">{messages.skip}</a>
      <header class="bar">
        <Link href="/" class="brand">kgbuild</Link>
        <nav aria-label={messages.navigation}>
          <Link href="/graph" current={place.path === "/graph"}>{messages.graph}</Link>
        </nav>
        <Switches language={language} choose={choose} />
      </header>
      <main id="content" tabIndex={-1}>
        <Page place={place} />
      </main>
    </>
  );
}

function Page({ place }: { place: Place }): JSX.Element {
  const messages = useMessages();
  if (place.path === "/graph") return <GraphPage place={place} />;
  return <p>{messages.notFound}</p>;
}

type SwitchesProps = Omit<FrameProps, "place">;

function Switches({ language, choose }: SwitchesProps): JSX.Element {
  const messages = useMessages();
  const [chosen, setChosen] = useState<Theme>(theme);
  return (
    <div class="switches">
      <select
        aria-label={messages.theme}
        value={chosen}
        onChange={(event) => {
          const value = event.currentTarget.value as Theme;
          setTheme(value);
          setChosen(value);
        }}
      >
        <option value="system">{messages.system}</option>
        <option value="light">{messages.light}</option>
        <option value="dark">{messages.dark}</option>
      </select>
      <select
        aria-label={messages.language}
        value={language}
        onChange={(event) => choose(event.currentTarget.value as Language)}
      >
        <option value="ru">Русский</option>
        <option value="en">English</option>
      </select>
    </div>
  );
}
