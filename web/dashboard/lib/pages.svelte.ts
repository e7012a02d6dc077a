/** Rows of a long result, read page by page as they come into view. */
import { untrack } from "svelte";
import { ask, objects } from "./ask";
import { Problem, isAbort } from "./problem";
import { sql, type Fragment } from "./sql";
import { pagesOf } from "./virtual";

const SIZE = 200;
const KEPT = 40;

/** What is asked: the number of rows, and the rows within a limit. */
export interface Question {
  count: Fragment;
  rows: (limit: Fragment) => Fragment;
}

export class Pages<Row> {
  total = $state<number | undefined>(undefined);
  problem = $state.raw<Problem | null>(null);
  loading = $state(true);
  private pages = $state.raw(new Map<number, Row[]>());
  private wanted = new Set<number>();
  private control = new AbortController();
  private question: Question | null = null;

  constructor(question: () => Question) {
    $effect(() => {
      this.question = question();
      untrack(() => void this.restart());
      return () => this.control.abort();
    });
  }

  reload = () => void this.restart();

  private async restart() {
    this.control.abort();
    const control = (this.control = new AbortController());
    this.loading = true;
    this.wanted = new Set([0]);
    try {
      const { count, rows } = this.question!;
      const [counted, first] = await Promise.all([ask(count, control.signal), this.read(rows, 0, control.signal)]);
      this.pages = new Map([[0, first]]);
      this.total = counted.rows[0]![0] as number;
      this.problem = null;
    } catch (error) {
      if (isAbort(error) || control.signal.aborted) return;
      this.problem = Problem.caught(error);
    }
    if (!control.signal.aborted) this.loading = false;
  }

  private async read(rows: Question["rows"], page: number, signal: AbortSignal): Promise<Row[]> {
    return objects<Row>(await ask(rows(sql`LIMIT ${SIZE} OFFSET ${page * SIZE}`), signal));
  }

  /** Loads the rows that are in view. */
  view = (first: number, last: number) => {
    for (const page of pagesOf(first, last, SIZE)) {
      if (this.wanted.has(page)) continue;
      this.wanted.add(page);
      const { signal } = this.control;
      this.read(this.question!.rows, page, signal).then(
        (found) => {
          if (!signal.aborted) this.keep(page, found);
        },
        (error) => {
          this.wanted.delete(page);
          if (!isAbort(error) && !signal.aborted) this.problem = Problem.caught(error);
        },
      );
    }
  };

  private keep(page: number, found: Row[]) {
    const next = new Map(this.pages).set(page, found);
    for (const old of next.keys()) {
      if (next.size <= KEPT) break;
      next.delete(old);
      this.wanted.delete(old);
    }
    this.pages = next;
  }

  /** Returns a row; undefined while it loads. */
  row = (at: number): Row | undefined => this.pages.get(Math.floor(at / SIZE))?.[at % SIZE];

  /** All rows that are loaded, page by page. */
  loaded = $derived([...this.pages.values()].flat());
}
