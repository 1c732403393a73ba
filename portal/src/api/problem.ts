import type { Schemas } from "./types";

/** A refusal as the API explains it, thrown by every query and mutation. */
export class ProblemError extends Error {
  readonly problem: Schemas["Problem"];
  constructor(problem: Schemas["Problem"]) {
    super(problem.detail);
    this.name = "ProblemError";
    this.problem = problem;
  }
}

function isProblem(value: unknown): value is Schemas["Problem"] {
  return typeof value === "object" && value !== null && "reason" in value && "detail" in value;
}

/** Reads whatever an answer carried as its error; proxies may answer with something that is no problem document. */
export function problemOf(error: unknown, status: number): ProblemError {
  if (error instanceof ProblemError) return error;
  if (isProblem(error)) return new ProblemError(error);
  return new ProblemError({ type: "about:blank", title: "", status, reason: "Internal", detail: `HTTP ${status}` });
}

/** The problem of a request that got no answer at all. */
export function unreachable(): ProblemError {
  return new ProblemError({ type: "about:blank", title: "", status: 0, reason: "Unreachable", detail: "" });
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Unwraps an answer: its data, or its problem thrown. */
export async function unwrap<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw unreachable();
  }
  if (!answer.response.ok) throw problemOf(answer.error, answer.response.status);
  return answer.data as T;
}
