import type { Schemas } from "../api/types";

const cookie = "plaza_refusal";

/** What the server left for the sign-in page: why a provider's way in ended. Only the server can have written it; an address could be anybody's. */
export function readRefusal(cookies: string): Schemas["Problem"] | undefined {
  const text = cookies.split("; ").find((c) => c.startsWith(`${cookie}=`))?.slice(cookie.length + 1);
  if (!text) return undefined;
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    const problem = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Schemas["Problem"]>;
    return typeof problem.reason === "string" && typeof problem.detail === "string" ? (problem as Schemas["Problem"]) : undefined;
  } catch {
    return undefined;
  }
}

/** It is told once. */
export function forgetRefusal(): void {
  document.cookie = `${cookie}=; path=/sign-in; max-age=0`;
}
