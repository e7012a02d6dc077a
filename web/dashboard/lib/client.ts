/** The server's API, typed from its own description. */
import createClient from "openapi-fetch";
import type { paths } from "../../api/rollcall";
import { Problem } from "./problem";

export const api = createClient<paths>({ baseUrl: location.origin });

/** What to do if the session has ended: the session module sets it. */
let signedOut = () => {};
export const onSignedOut = (handler: () => void) => (signedOut = handler);

/** Returns the data of an answer, or throws its problem. */
export async function data<T>(answer: Promise<{ data?: T; error?: { message?: string }; response: Response }>): Promise<T> {
  const result = await answer.catch((error) => {
    throw Problem.caught(error);
  });
  if (result.response.ok) return result.data as T;
  const problem = Problem.of(result.response, result.error?.message);
  report(problem);
  throw problem;
}

/** Lets the session know of a problem that ends it. */
export function report(problem: Problem) {
  if (problem.kind === "signed-out") signedOut();
}
