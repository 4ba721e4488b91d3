import { render } from "preact";
import { takeTokenOfLink } from "./api";
import { App } from "./app";
import { listenToKeys } from "./keyboard";

takeTokenOfLink();
const host = document.getElementById("app");
if (host) render(<App />, host);
listenToKeys();
