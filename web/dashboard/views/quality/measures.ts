/** What the trend can show, and what counts as trouble. */
import { sql, type Fragment } from "../../lib/sql";
import { count, NOT_AVAILABLE } from "../../lib/numbers";

export interface Measure {
  key: string;
  /** The start of its columns' names in rollups. */
  column: string;
  medium: "Sound" | "Picture";
  label: string;
  /** The share of minutes that the worse end of the spread leaves out: 0.95 if high values are worse. */
  extreme: number;
  extremeName: string;
  text: (value: number | null | undefined) => string;
  /** The limit above which a stream is called fair; see docs/quality.md. */
  limit?: number;
}

const unit = (write: (value: number) => string, suffix: string) => (value: number | null | undefined) =>
  value === null || value === undefined ? NOT_AVAILABLE : `${write(value)}${suffix}`;

const two = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 2 });
const KINDS = {
  latency: { label: "delay", text: unit(count, " ms"), limit: 150 },
  avg_loss: { label: "loss", text: unit((value) => two.format(value), " %"), limit: 2 },
  jitter: { label: "jitter", text: unit(count, " ms"), limit: 40 },
} as const;

const MEDIA = [["audio", "Sound"], ["video", "Picture"]] as const;
const DIRECTIONS = [["output", "received"], ["input", "sent"]] as const;

export const MEASURES: Measure[] = [
  ...MEDIA.flatMap(([stream, medium]) =>
    DIRECTIONS.flatMap(([direction, word]) =>
      Object.entries(KINDS).map(([kind, { label, text, limit }]) => ({
        key: `${medium.toLowerCase()}-${word}-${label}`,
        column: `${stream}_${direction}_${kind}`,
        medium,
        label: `${label} ${word}`,
        extreme: 0.95,
        extremeName: "95th percentile",
        text,
        limit,
      })),
    ),
  ),
  { key: "sound-score", column: "audio_mos", medium: "Sound", label: "score (MOS, 1 to 4.5)", extreme: 0.05, extremeName: "5th percentile", text: unit((value) => two.format(value), "") },
];

export type TroubleKey = "any" | "sound" | "picture" | "sharing" | "processor";

/** What counts as trouble: minutes with health Warning or Critical, or with an issue of one kind. */
export const TROUBLES: Record<TroubleKey, { label: string; minutes: Fragment }> = {
  any: { label: "Any", minutes: sql`warning_minutes + critical_minutes` },
  sound: { label: "Sound", minutes: sql`audio_issue_minutes` },
  picture: { label: "Picture", minutes: sql`video_issue_minutes` },
  sharing: { label: "Sharing", minutes: sql`screen_share_issue_minutes` },
  processor: { label: "Processor", minutes: sql`cpu_issue_minutes` },
};
