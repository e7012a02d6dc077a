/** Why a request failed, as views show it. */

export type ProblemKind = "signed-out" | "forbidden" | "missing" | "invalid" | "busy" | "offline" | "failed";

export class Problem extends Error {
  constructor(
    readonly kind: ProblemKind,
    message: string,
    /** When to try again, in seconds, if the server says so. */
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }

  /** Reads an error of the API: `{"message": "…"}`. */
  static async from(response: Response): Promise<Problem> {
    const text = await response.text().catch(() => "");
    let message = "";
    try {
      message = JSON.parse(text).message ?? "";
    } catch {
      // A proxy's page is no message for readers.
    }
    return Problem.of(response, message);
  }

  static of(response: Response, message: string | undefined): Problem {
    const seconds = Number(response.headers.get("retry-after")) || null;
    return new Problem(kindOf(response.status), message || `The server answered with status ${response.status}.`, seconds);
  }

  /** Returns the problem behind anything thrown by `fetch` or by the code that reads its result. */
  static caught(error: unknown): Problem {
    if (error instanceof Problem) return error;
    if (error instanceof TypeError && /fetch|network|load/i.test(error.message)) {
      return new Problem("offline", "The server cannot be reached.");
    }
    return new Problem("failed", error instanceof Error ? error.message : String(error));
  }
}

function kindOf(status: number): ProblemKind {
  if (status === 401) return "signed-out";
  if (status === 403) return "forbidden";
  if (status === 404) return "missing";
  if (status === 429 || status === 503) return "busy";
  return status < 500 ? "invalid" : "failed";
}

export const isAbort = (error: unknown) => error instanceof DOMException && error.name === "AbortError";
