import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

interface Modules {
  getModuleInfo: (id: string) => { code: string | null; importedIds: string[] } | null;
}

const roots = ["main.tsx", "shell/Frame.tsx", "overview/Overview.tsx"].map((f) => fileURLToPath(new URL(`src/${f}`, import.meta.url)));
let first: Set<string> | undefined;

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

/** All that the first page needs, by what its parts import. */
function needed(modules: Modules): Set<string> {
  const found = new Set(roots);
  for (const id of found) for (const imported of followed(modules, id)) found.add(imported);
  return found;
}

// One file for the first page: fetching and linking ninety takes a slow machine longer than running them.
const start = (id: string, modules: Modules) => ((first ??= needed(modules)).has(id) ? "start" : null);

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    chunkSizeWarningLimit: 1500,
    reportCompressedSize: false,
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: start }] } } },
  },
  server: { proxy: { "/v1": { target: process.env.PLAZA_SERVER ?? "http://127.0.0.1:7710", ws: true } } },
  test: { environment: "node", include: ["src/**/*.test.{ts,tsx}"] },
});
