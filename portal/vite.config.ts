import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

interface Modules {
  getModuleInfo: (id: string) => { code: string | null; importedIds: string[] } | null;
}

const source = (file: string) => fileURLToPath(new URL(`src/${file}`, import.meta.url));

const kebab = (name: string) => name.replaceAll(/(?<=[a-z])([A-Z])/g, "-$1").toLowerCase();
/** Files that only gather others: of what they gather, that counts which is asked for by name. */
const barrels: [RegExp, RegExp, (name: string) => string][] = [
  [/\/antd\/es\/index\.js$/, /import \{([^}]*)\} from "antd"/, (name) => `/antd/es/${kebab(name)}/index.js`],
  [/\/@ant-design\/icons\/es\/(icons\/)?index\.js$/, /import \{([^}]*)\} from "@ant-design\/icons"/, (name) => `/@ant-design/icons/es/icons/${name}.js`],
];

function followed(modules: Modules, id: string): string[] {
  const { code, importedIds } = modules.getModuleInfo(id) ?? { code: null, importedIds: [] };
  return importedIds.flatMap((imported) => {
    const [file, statement, member] = barrels.find(([f]) => f.test(imported)) ?? [];
    if (!file || !statement || !member) return [imported];
    const names = statement.exec(code ?? "")?.[1]?.split(",").map((n) => n.trim().split(" ")[0] ?? "") ?? [];
    return names.map((n) => imported.replace(file, member(n))).filter((m) => modules.getModuleInfo(m));
  });
}

const known = new Map<string, Set<string>>();

/** A file and all that it imports. */
function reached(modules: Modules, file: string): Set<string> {
  const found = known.get(file) ?? new Set([source(file)]);
  if (!known.has(file)) for (const id of found) for (const imported of followed(modules, id)) found.add(imported);
  known.set(file, found);
  return found;
}

// One file for what runs at once and one for the first page: fetching and linking ninety takes a slow machine longer than running them.
const early = (id: string, modules: Modules) => (reached(modules, "early.ts").has(id) || id.includes("vite/preload-helper") ? "early" : null);
const start = (id: string, modules: Modules) => (reached(modules, "main.tsx").has(id) ? "start" : null);

/** What the first lines ask for: the browser fetches and compiles it while they run. */
const first = new Set(["start", "main", "rolldown-runtime"]);
const preload: Plugin = {
  name: "preload-start",
  transformIndexHtml: {
    order: "post",
    handler: (_, { bundle }) =>
      Object.values(bundle ?? {})
        .filter((chunk) => chunk.type === "chunk" && first.has(chunk.name))
        .map((chunk) => ({ tag: "link", attrs: { rel: "modulepreload", crossorigin: true, href: `/${chunk.fileName}` }, injectTo: "head" as const })),
  },
};

export default defineConfig({
  plugins: [react(), preload],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    chunkSizeWarningLimit: 1500,
    reportCompressedSize: false,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: early, priority: 1 }, { name: start }] } } },
  },
  server: { proxy: { "/v1": { target: process.env.PLAZA_SERVER ?? "http://127.0.0.1:7710", ws: true } } },
  test: { environment: "node", include: ["src/**/*.test.{ts,tsx}"] },
});
