import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { client } from "./api/client";
import { unwrap } from "./api/problem";
import { queries } from "./api/queries";
import { type Language, startTexts } from "./i18n";
import type { Texts } from "./i18n/en";
import { App } from "./shell/App";
import { startMode } from "./shell/mode";
import { queryClient } from "./shell/queryClient";

/** Draws the portal; who is signed in was asked for before. */
export function start(me: Promise<Response>, language: Language, texts: Texts): void {
  void queryClient.prefetchQuery({ ...queries.me, queryFn: () => unwrap(client.GET("/v1/me", { fetch: () => me })) });
  startMode();
  startTexts(language, texts);
  const root = document.getElementById("root");
  if (root)
    createRoot(root).render(
      <StrictMode>
        <App />
      </StrictMode>,
    );
}
