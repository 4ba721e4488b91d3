import { render } from "preact";
import { App } from "./app";
import { listenToKeys } from "./keyboard";

const host = document.getElementById("app");
if (host) render(<App />, host);
listenToKeys();
