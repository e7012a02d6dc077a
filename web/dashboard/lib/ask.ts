/** Asks the server in SQL: every figure of the dashboard comes from `POST /api/v1/sql`. */
import { report } from "./client";
import { Problem, isAbort } from "./problem";
import { tidy, type Fragment, type Value } from "./sql";

export interface Answer {
  columns: string[];
  rows: Value[][];
}

/** How many queries this page has running at a time. The server takes turns between accounts, and queues few. */
const AT_A_TIME = 4;
const PATIENCE = 2;

let running = 0;
const waiting: (() => void)[] = [];

const post = (statement: Fragment, accept: string, signal?: AbortSignal) =>
  fetch("/api/v1/sql", {
    method: "POST",
    headers: { "content-type": "application/json", accept },
    body: body(statement),
    signal,
  });

/** The body of the request that asks for this. */
export const body = ({ query, values }: Fragment) => JSON.stringify({ query: tidy(query), values });

async function turn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_A_TIME) await new Promise<void>((resume) => waiting.push(resume));
  running++;
  try {
    return await work();
  } finally {
    running--;
    waiting.shift()?.();
  }
}

/** Returns the answer. Throws a `Problem`, or an `AbortError` if it was cancelled. Waits and retries if the server is busy. */
export function ask(statement: Fragment, signal?: AbortSignal): Promise<Answer> {
  return turn(async () => {
    for (let tries = 0; ; tries++) {
      signal?.throwIfAborted();
      try {
        const response = await post(statement, "application/json", signal);
        if (response.ok) return (await response.json()) as Answer;
        throw await Problem.from(response);
      } catch (error) {
        if (isAbort(error)) throw error;
        const problem = Problem.caught(error);
        report(problem);
        if (problem.kind !== "busy" || tries === PATIENCE) throw problem;
        await new Promise((resume) => setTimeout(resume, Math.min(problem.retryAfter ?? 1, 10) * 1000));
      }
    }
  });
}

/** Returns the rows as objects by column. The caller knows the types of its columns. */
export function objects<Row>({ columns, rows }: Answer): Row[] {
  return rows.map((row) => Object.fromEntries(columns.map((column, at) => [column, row[at]])) as Row);
}

/** Saves the answer as a CSV file. */
export async function saveCsv(statement: Fragment, file: string): Promise<void> {
  const response = await post(statement, "text/csv").catch((error) => {
    throw Problem.caught(error);
  });
  if (!response.ok) throw await Problem.from(response);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = `${file}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
