import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queries } from "./api/queries";
import { startTexts } from "./i18n";
import { App } from "./shell/App";
import { queryClient } from "./shell/queryClient";
import "./shell/portal.css";

// Who is signed in is asked for meanwhile.
void queryClient.prefetchQuery(queries.me);
await startTexts();
const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
