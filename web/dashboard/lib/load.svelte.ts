/** Reactive results of queries: they follow what they depend on, and keep the last result while the next one loads. */
import { ask, objects } from "./ask";
import { Problem, isAbort } from "./problem";
import type { Fragment } from "./sql";

/** How long a result is shown again without asking, in milliseconds. */
const FRESH = 30_000;
const KEPT = 60;
const cache = new Map<string, { at: number; value: unknown }>();

export class Loaded<T> {
  /** The latest result; undefined until the first has come. */
  data = $state.raw<T | undefined>(undefined);
  problem = $state.raw<Problem | null>(null);
  loading = $state(true);
  /** When the data was read. */
  at = $state<Date | null>(null);
  /** How long the last request took, in milliseconds. */
  took = $state<number | null>(null);
  private round = $state(0);

  constructor(work: () => { key: string; run: (signal: AbortSignal) => Promise<T> } | null) {
    $effect(() => {
      const forced = this.round > 0;
      void this.round;
      const job = work();
      if (!job) {
        this.loading = false;
        return;
      }
      const known = forced ? undefined : cache.get(job.key);
      if (known && Date.now() - known.at < FRESH) {
        this.take(known.value as T, new Date(known.at));
        return;
      }
      const control = new AbortController();
      this.loading = true;
      const start = performance.now();
      job.run(control.signal).then(
        (value) => {
          if (control.signal.aborted) return;
          remember(job.key, value);
          this.took = performance.now() - start;
          this.take(value, new Date());
        },
        (error) => {
          if (control.signal.aborted || isAbort(error)) return;
          this.problem = Problem.caught(error);
          this.loading = false;
        },
      );
      return () => control.abort();
    });
  }

  private take(value: T, at: Date) {
    this.data = value;
    this.problem = null;
    this.loading = false;
    this.at = at;
  }

  /** Asks again. */
  reload = () => {
    this.round++;
  };
}

function remember(key: string, value: unknown) {
  cache.delete(key);
  cache.set(key, { at: Date.now(), value });
  if (cache.size > KEPT) cache.delete(cache.keys().next().value!);
}

/** Forgets all results: the reader has changed. */
export const forget = () => cache.clear();

/** Loads the rows of a query, as objects. Null asks nothing. Call it while a component is set up. */
export function rows<Row>(statement: () => Fragment | null): Loaded<Row[]> {
  return new Loaded(() => {
    const asked = statement();
    if (!asked) return null;
    return {
      key: JSON.stringify([asked.query, asked.values]),
      run: async (signal) => objects<Row>(await ask(asked, signal)),
    };
  });
}

/** Loads anything else, such as an operation of the API. `key` identifies it. */
export function load<T>(work: () => { key: string; run: (signal: AbortSignal) => Promise<T> } | null): Loaded<T> {
  return new Loaded(work);
}
