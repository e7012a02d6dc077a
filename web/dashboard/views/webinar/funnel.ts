/** From opening a link to staying to the end. */
import type { SourceRow, Webinar } from "./data";

export const STAGES = ["opened", "registered", "joined", "half", "finished"] as const;
export type Stage = (typeof STAGES)[number];
export const STAGE_NAMES: Record<Stage, string> = {
  opened: "Opened",
  registered: "Registered",
  joined: "Joined",
  half: "Stayed half",
  finished: "To the end",
};

export interface Step {
  source: string;
  url: string | null;
  /** How many reached each stage; null if it was not counted. */
  counts: Record<Stage, number | null>;
}

/** Returns the counts of a source. Who joined is known only if registrations carry their source. */
export function step(row: SourceRow): Step {
  const known = row.known > 0;
  return {
    source: row.source,
    url: row.url,
    counts: {
      opened: row.visits,
      registered: row.registrations,
      joined: known ? (row.joined ?? 0) : null,
      half: known ? (row.half ?? 0) : null,
      finished: known ? (row.finished ?? 0) : null,
    },
  };
}

/** Returns the sum of all sources. Whoever joined without a registration counts in the last three stages as well. */
export function total(steps: Step[], webinar: Webinar): Step {
  const sum = (stage: Stage) => {
    const known = steps.map(({ counts }) => counts[stage]).filter((value) => value !== null);
    return known.length ? known.reduce((a, b) => a + b, 0) : null;
  };
  return {
    source: "",
    url: null,
    counts: { opened: sum("opened"), registered: sum("registered"), joined: webinar.people, half: webinar.half, finished: webinar.finished },
  };
}

/** Returns the stages of a nested bar from `first` on, each with its part of the longest bar. A stage is never wider than the one around it. */
export function nested(one: Step, first: Stage, longest: number): { stage: Stage; part: number }[] {
  let around = 1;
  return STAGES.slice(STAGES.indexOf(first)).flatMap((stage) => {
    const value = one.counts[stage];
    if (value === null || !longest) return [];
    around = Math.min(around, value / longest);
    return [{ stage, part: around }];
  });
}

export function longest(steps: Step[], first: Stage): number {
  return Math.max(0, ...steps.map(({ counts }) => counts[first] ?? 0));
}

export interface Flow {
  /** People who had come and had not left for good, at the end of each minute. */
  there: number[];
  joined: number[];
  left: number[];
  /** The minute in which most people left for good, before the last tenth; null if nobody did. */
  drop: number | null;
}

/** Returns the curve over `minutes` minutes. Whoever came before or left after is counted at the edge. */
export function flow(rows: { minute: number; joined: number; left: number }[], minutes: number): Flow {
  const result: Flow = { there: [], joined: new Array(minutes).fill(0), left: new Array(minutes).fill(0), drop: null };
  for (const row of rows) {
    const at = Math.max(0, Math.min(minutes - 1, row.minute));
    result.joined[at]! += row.joined;
    result.left[at]! += row.left;
  }
  let there = 0;
  for (let at = 0; at < minutes; at++) {
    there += result.joined[at]! - result.left[at]!;
    result.there.push(there);
  }
  const most = Math.max(0, ...result.left.slice(0, Math.floor(minutes * 0.9)));
  if (most > 1) result.drop = result.left.indexOf(most);
  return result;
}
