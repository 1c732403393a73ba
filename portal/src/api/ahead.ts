// Answers that are asked for ahead of the code that wants them, while it is on its way.
const remembered = "plaza.ahead";
const asked = new Map<string, Promise<Response>>();
/** What comes later is asked for anew: by then it is old. */
const keptFor = 10_000;

export const header = { "X-Plaza-CSRF": "1" };

/** Asks for what every page wants and, of the first page, for what it wanted last. */
export function askAhead(): void {
  const last = location.pathname === "/" && location.search === "" ? (localStorage.getItem(remembered) ?? "") : "";
  for (const path of ["/v1/me", ...last.split(" ").filter((p) => p.startsWith("/v1/"))]) {
    const answer = fetch(path, { headers: header });
    answer.catch(() => undefined); // whoever takes it tells
    asked.set(path, answer);
  }
  setTimeout(() => asked.clear(), keptFor);
}

/** Notes what the first page wants, by what its user may read; nothing once a session ends: the next may be another's. */
export const wantAhead = (paths: string[]): void => localStorage.setItem(remembered, paths.join(" "));

/**
 * Fetches, or takes an answer that was asked for ahead, once. After a refusal the others are asked for anew, as they are of the
 * same session, and after a change, as they are older: signing in is one.
 */
export async function fetchOrTake(request: Request): Promise<Response> {
  const path = request.url.slice(location.origin.length);
  if (request.method !== "GET") asked.clear();
  const ahead = asked.get(path);
  if (!ahead) return fetch(request);
  asked.delete(path);
  const answer = await ahead;
  if (!answer.ok) {
    asked.clear();
    wantAhead([]);
  }
  return answer;
}
