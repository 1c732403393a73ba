import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { type Language, startTexts } from "./i18n";
import type { Texts } from "./i18n/en";
import { App } from "./shell/App";
import { startMode } from "./shell/mode";
import { queryClient } from "./shell/queryClient";
import { router } from "./shell/router";

/** How long the first page may be drawn later to be drawn once, with all that it shows; milliseconds. */
const patience = 250;

/** Waits for the page, and for what it has asked for. */
async function loaded(): Promise<void> {
  await router.load();
  await Promise.allSettled(queryClient.getQueryCache().getAll().map((q) => q.promise));
}

/** Draws the portal. */
export async function start(language: Language, texts: Texts): Promise<void> {
  startMode();
  startTexts(language, texts);
  await Promise.race([loaded(), new Promise((resolve) => setTimeout(resolve, patience))]);
  const root = document.getElementById("root");
  if (root)
    createRoot(root).render(
      <StrictMode>
        <App />
      </StrictMode>,
    );
}
