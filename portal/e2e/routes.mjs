// The addresses of every page, from the router's own list: a new page is taken up by what walks them.
import assert from "node:assert/strict";

const first = async (api, path, name = (o) => o.id) => {
  const { items } = await api.get(path);
  return items[0] && name(items[0]);
};

// The router puts itself there for its developer tools.
const router = "__TSR_ROUTER__";

/** What stands for a parameter of a path; nothing where there is no such object. */
const fill = {
  $plural: async () => "flavors",
  $id: async (api, before) => first(api, `/v1/${before === "$plural" ? "flavors" : before}?limit=1`),
  $blueprint: async (api) => first(api, "/v1/blueprints", (b) => b.name),
};

/** Fills the paths that the page's router knows; those that lead to objects of which there is none come as absent. */
export async function addresses(page, api) {
  const paths = await page.evaluate((name) => Object.keys(globalThis[name].routesByPath), router);
  assert.ok(paths.length > 10, "the router tells its routes");
  const [found, absent] = [[], []];
  for (const path of paths.toSorted()) {
    const steps = [];
    for (const [i, step] of path.split("/").entries()) {
      const filler = fill[step];
      assert.ok(filler || !step.startsWith("$"), `say in e2e/routes.mjs what stands for ${step} in ${path}`);
      steps.push(filler ? await filler(api, path.split("/")[i - 1]) : step);
    }
    if (steps.includes(undefined)) absent.push(path);
    else found.push({ path, address: steps.join("/") || "/" });
  }
  return { found, absent };
}

/** Requests that the frame makes on its own, whatever page is in it. */
const frame = /^\/v1\/(me|watch|operations|version|login\/providers)$/;
export const own = (requests) => [...new Set(requests.filter((p) => !frame.test(p)))];
