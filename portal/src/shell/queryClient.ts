import { QueryClient } from "@tanstack/react-query";
import { ProblemError } from "../api/problem";

/** What can get better by itself is asked again; refusals are shown at once. */
function again(count: number, error: Error): boolean {
  if (!(error instanceof ProblemError)) return false;
  return (error.problem.status === 0 || error.problem.status === 503) && count < 5;
}

// The live stream keeps what is cached true, so nothing is asked again merely because a window came back.
export const queryClient = new QueryClient({
  defaultOptions: { queries: { staleTime: 30_000, retry: again, refetchOnWindowFocus: false } },
});
