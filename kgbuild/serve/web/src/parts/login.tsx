// The token that the service asks for.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { get, setToken } from "../api";
import { useMessages } from "../i18n";
import type { Session } from "../types";
import { useTitle } from "./basics";

export function Login({ entered }: { entered(): void }): JSX.Element {
  const messages = useMessages();
  const [text, setText] = useState("");
  const [failure, setFailure] = useState("");
  useTitle(messages.signIn);
  const submit = (event: Event) => {
    event.preventDefault();
    setToken(text.trim());
    get<Session>("/v1/session").then(entered, (error: Error) => {
      setToken(null);
      setFailure(error.message);
    });
  };
  return (
    <form class="login" onSubmit={submit}>
      <h1>{messages.signIn}</h1>
      <p class="quiet">{messages.tokenKept}</p>
      <label for="token">{messages.token}</label>
      <input
        id="token"
        type="password"
        autocomplete="current-password"
        required
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button type="submit">{messages.doSignIn}</button>
      {failure && <p class="failure" role="alert">{failure}</p>}
    </form>
  );
}
