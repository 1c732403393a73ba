// The first thing that runs: it asks for what the first page waits for while that page's code is still on its way.
import { preferred, textsOf } from "./i18n";
import "./controls/controls.css";
import "./shell/portal.css";

const language = preferred();
const me = fetch("/v1/me", { headers: { "X-Plaza-CSRF": "1" } });
me.catch(() => undefined); // whoever awaits it tells

// Nothing is awaited here itself: the rest imports this file, and would wait for it in turn.
void Promise.all([import("./main"), textsOf[language]()]).then(([{ start }, texts]) => start(me, language, texts));
