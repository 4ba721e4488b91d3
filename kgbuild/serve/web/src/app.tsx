// The frame around every page, and which page an address shows.
import type { JSX } from "preact";
import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { get, Refusal, setToken, token } from "./api";
import { type Shared, SharedContext } from "./data";
import { firstLanguage, keepLanguage, type Language, LanguageContext, useMessages } from "./i18n";
import { Compare } from "./pages/compare";
import { Documents } from "./pages/documents";
import { DocumentPage } from "./pages/document";
import { Dossier } from "./pages/dossier";
import { Entities } from "./pages/entities";
import { EntityPage } from "./pages/entity";
import { GraphPage } from "./pages/graph";
import { Home } from "./pages/home";
import { Judgements } from "./pages/judgements";
import { NewsPage } from "./pages/news";
import { Review } from "./pages/review";
import { Search } from "./pages/search";
import { Outcome } from "./parts/judge";
import { Login } from "./parts/login";
import { SearchBar } from "./parts/searchbar";
import { address, Link, type Place, usePlace } from "./router";
import { setTheme, theme, type Theme } from "./theme";
import type { Judgement, Ontology, Session } from "./types";

const PAGES: Record<string, (props: { place: Place }) => JSX.Element> = {
  "/": Home,
  "/search": Search,
  "/entities": Entities,
  "/entity": EntityPage,
  "/dossier": Dossier,
  "/compare": Compare,
  "/news": NewsPage,
  "/documents": Documents,
  "/document": DocumentPage,
  "/graph": GraphPage,
  "/review": Review,
  "/judgements": Judgements,
};

export function App(): JSX.Element {
  const [language, setLanguage] = useState<Language>(firstLanguage);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const choose = (chosen: Language) => {
    keepLanguage(chosen);
    setLanguage(chosen);
  };
  return (
    <LanguageContext.Provider value={language}>
      <Frame language={language} choose={choose} />
    </LanguageContext.Provider>
  );
}

interface FrameProps {
  language: Language;
  choose(language: Language): void;
}

function Frame({ language, choose }: FrameProps): JSX.Element {
  const place = usePlace();
  const messages = useMessages();
  const { shared, isLocked, entered, made } = useService();
  const Page = PAGES[place.path];
  const leave = () => {
    setToken(null);
    shared.locked();
  };
  return (
    <SharedContext.Provider value={shared}>
      <a class="skip" href="#content">{messages.skip}</a>
      <header class="top">
        <Link href="/" class="brand" label="kgbuild">kgbuild</Link>
        <Sections place={place} />
        <SearchBar place={place} />
        <div class="switches">
          <Switches language={language} choose={choose} />
          {token() !== null && !isLocked && (
            <button type="button" class="plain" onClick={leave}>{messages.signOut}</button>
          )}
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        {isLocked ? <Login entered={entered} /> : Page ? <Page place={place} /> : <p>{messages.notFound}</p>}
      </main>
      {made !== undefined && <Outcome made={made} />}
    </SharedContext.Provider>
  );
}

/** What the service says of itself, and whether it wants a token. */
function useService(): {
  shared: Shared;
  isLocked: boolean;
  entered(): void;
  made: Judgement | undefined;
} {
  const [session, setSession] = useState<Session>();
  const [ontology, setOntology] = useState<Ontology>();
  const [changes, setChanges] = useState(0);
  const [made, judged] = useState<Judgement>();
  const [isLocked, setLocked] = useState(false);
  const locked = useCallback(() => setLocked(true), []);
  const changed = useCallback(() => setChanges((before) => before + 1), []);
  const load = useCallback(() => {
    get<Session>("/v1/session").then(
      (found) => {
        setSession(found);
        setLocked(false);
        void get<Ontology>("/v1/ontology").then(setOntology);
      },
      (error: Error) => {
        if (error instanceof Refusal && error.status === 401) setLocked(true);
      },
    );
  }, []);
  useEffect(load, []);
  const shared = useMemo(
    () => ({ session, ontology, changes, changed, judged, made, locked }),
    [session, ontology, changes, made],
  );
  const entered = () => {
    load();
    changed();
  };
  return { shared, isLocked, entered, made };
}

function Sections({ place }: { place: Place }): JSX.Element {
  const messages = useMessages();
  const { path } = place;
  const document = path === "/document" ? null : place.search.get("document");
  return (
    <nav aria-label={messages.navigation}>
      <Link href={address("/entities", { document })} current={["/entities", "/entity", "/dossier", "/compare"].includes(path)}>{messages.entities}</Link>
      <Link href={address("/documents", { document })} current={path === "/documents" || path === "/document"}>{messages.documents}</Link>
      <Link href={address("/graph", { document })} current={path === "/graph"}>{messages.graph}</Link>
      <Link href="/news" current={path === "/news"}>{messages.news}</Link>
      <Link href="/review" current={path === "/review" || path === "/judgements"}>{messages.review}</Link>
    </nav>
  );
}

function Switches({ language, choose }: FrameProps): JSX.Element {
  const messages = useMessages();
  const [chosen, setChosen] = useState<Theme>(theme);
  return (
    <>
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
        <option value="ru" lang="ru">RU</option>
        <option value="en" lang="en">EN</option>
      </select>
    </>
  );
}
