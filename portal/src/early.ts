// The first thing that runs: it asks for what the first page waits for while that page's code is still on its way.
import { askAhead } from "./api/ahead";
import { preferred, textsOf } from "./i18n";
import "./controls/controls.css";
import "./shell/portal.css";

askAhead();
const language = preferred();

// It runs as soon as it has come, which may be before the page is read.
const read = new Promise<void>((resolve) => (document.readyState === "loading" ? addEventListener("DOMContentLoaded", () => resolve(), { once: true }) : resolve()));

// Nothing is awaited here itself: the rest imports this file, and would wait for it in turn.
void Promise.all([import("./main"), textsOf[language](), read]).then(([{ start }, texts]) => start(language, texts));
