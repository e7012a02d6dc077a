/** One person's streams as series over the columns of the grid. */
import type { Value } from "../../lib/sql";
import { LEVELS, rank, reasonName, type Medium } from "../../lib/quality";
import { STREAMS } from "./data";
import type { Grid } from "./model";

export type StreamRow = Record<string, Value>;
export type Measure = "latency_ms" | "jitter_ms" | "avg_loss_percent" | "bitrate_bps" | "frame_rate_fps";
export type Series = (number | null)[];

/** The column's start of a medium's streams. */
export const PREFIX: Record<Medium, (typeof STREAMS)[number]> = { audio: "audio", video: "video", share: "as" };
const LABEL: Record<Medium, string> = { audio: "audio", video: "video", share: "screen_share" };

/** Returns a row for each column of the grid; undefined for columns without a minute. Of several in one, the last counts. */
export function byColumn(grid: Pick<Grid, "origin" | "step" | "columns">, rows: StreamRow[]): (StreamRow | undefined)[] {
  const found = new Array<StreamRow | undefined>(grid.columns).fill(undefined);
  for (const row of rows) {
    const column = Math.floor((Date.parse(row.date_time as string) / 1000 - grid.origin) / 60 / grid.step);
    if (column >= 0 && column < grid.columns) found[column] = row;
  }
  return found;
}

/** Returns a measure's values. Null if nothing was measured: lines have gaps there. */
export function series(rows: (StreamRow | undefined)[], medium: Medium, direction: "input" | "output", measure: Measure): Series {
  const column = `${PREFIX[medium]}_${direction}_${measure}`;
  return rows.map((row) => (row?.[column] ?? null) as number | null);
}

export const hasValues = (values: Series) => values.some((value) => value !== null);

/** Says a minute's label and its reason in words: "bad: lost packets". Null if it was not measured. */
export function verdict(row: StreamRow | undefined, medium: Medium): { level: number; text: string } | null {
  const label = row?.[`${LABEL[medium]}_label`] as string | null | undefined;
  if (!row || !label) return null;
  const level = rank(label);
  const reason = level > 1 ? reasonName(row[`${LABEL[medium]}_reason`] as string | null) : "";
  const mos = medium === "audio" && typeof row.audio_mos === "number" ? ` (${row.audio_mos.toFixed(1)} of 4.5)` : "";
  return { level, text: `${LEVELS[level]}${mos}${reason ? `: ${reason}` : ""}` };
}

/** Returns the medium to show first: the one with the most trouble. */
export function worstMedium(rows: (StreamRow | undefined)[]): Medium {
  let best: Medium = "audio";
  let most = 0;
  for (const medium of ["audio", "video", "share"] as const) {
    const trouble = rows.filter((row) => (verdict(row, medium)?.level ?? 0) >= 3).length;
    if (trouble > most) [best, most] = [medium, trouble];
  }
  return best;
}
