import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queries } from "./api/queries";
import { type Language, startTexts } from "./i18n";
import type { Texts } from "./i18n/en";
import { App } from "./shell/App";
import { startMode } from "./shell/mode";
import { queryClient } from "./shell/queryClient";

/** Draws the portal. */
export function start(language: Language, texts: Texts): void {
  void queryClient.prefetchQuery(queries.me);
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
