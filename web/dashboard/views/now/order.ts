/** What a live meeting shows, and which comes first. */
import type { LiveInstance } from "../../../api/types";

/** The share in trouble over the last minutes that were measured; null if none was. */
export function recentTrouble({ trouble }: Pick<LiveInstance, "trouble">, minutes = 5): number | null {
  const recent = trouble.slice(-minutes).filter((share) => share !== null);
  return recent.length ? recent.reduce((sum, share) => sum + share, 0) / recent.length : null;
}

/** People who are in trouble by now, as an estimate of how many are affected. */
const affected = (one: LiveInstance) => (recentTrouble(one) ?? 0) * one.people;

/** Returns the worst first: by people affected, then by people. A difference under half a person does not change the order. */
export function byTrouble(instances: LiveInstance[]): LiveInstance[] {
  return [...instances].sort((a, b) => Math.round(affected(b)) - Math.round(affected(a)) || b.people - a.people || a.uuid.localeCompare(b.uuid));
}

export interface Figures {
  meetings: number;
  webinars: number;
  people: number;
  measured: number;
  poor: number;
}

export function figures(instances: LiveInstance[]): Figures {
  const sum = (of: (one: LiveInstance) => number) => instances.reduce((total, one) => total + of(one), 0);
  return {
    meetings: instances.filter(({ kind }) => kind !== "webinar").length,
    webinars: instances.filter(({ kind }) => kind === "webinar").length,
    people: sum(({ people }) => people),
    measured: sum(({ measured }) => measured ?? 0),
    poor: sum(({ poor }) => poor ?? 0),
  };
}
