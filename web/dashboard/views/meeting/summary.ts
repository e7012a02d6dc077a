/** Says in a sentence where the trouble was, from counts alone: it names no cause. */
import { networkName } from "../../lib/quality";
import { percent, plural } from "../../lib/numbers";
import { clock } from "../../lib/time";
import { counts, totals, type Brush, type Counts, type Facet, type FacetField, type Grid, type Person, type Shown } from "./model";

export interface Summary {
  text: string;
  /** What the group that stands out has in common; empty if none does. */
  facets: Facet[];
  /** The key of the person who has most of the trouble; null if nobody does. */
  person: string | null;
  /** When most of the trouble was; null if it was spread. */
  brush: Brush | null;
}

/** A group stands out if at least this many of its people had trouble, and it has this share of all trouble, and this many times the rest's share. */
const LEAST_PEOPLE = 3;
const MOST_OF_TROUBLE = 0.5;
const TIMES = 3;
/** The share of trouble that the time named in the sentence holds. */
const MOST_OF_TIME = 0.8;
/** Below this share of minutes, nothing stands out. */
const HARDLY = 0.01;
/** What members of a group can have in common. */
const GROUPS: FacetField[][] = [["place"], ["network"], ["client"], ["device"], ["centre"], ["place", "network"], ["network", "device"]];

/** `narrowed` says that only some people are shown, who have something in common already. */
export function summary(grid: Grid, rows: number[], shown: Shown, brush: Brush, narrowed = false): Summary {
  const sums = totals(grid, rows, shown);
  let [measured, trouble] = [0, 0];
  for (let column = brush.from; column <= brush.to; column++) {
    measured += sums.measured[column]!;
    trouble += sums.trouble[column]!;
  }
  if (!measured) return { text: "Nothing was measured in this time.", facets: [], person: null, brush: null };
  if (!trouble) return { text: "Nobody had trouble: every measured minute was good or fair.", facets: [], person: null, brush: null };
  if (trouble / measured < HARDLY) {
    return { text: `Hardly anybody had trouble: ${percent(trouble / measured)} of the measured minutes were poor or bad.`, facets: [], person: null, brush: null };
  }
  const span = worstSpan(grid, sums.trouble, brush);
  const time = span ? ` Most of it was at ${clockOf(grid, span.from)}–${clockOf(grid, span.to + 1)}.` : "";
  const counted = rows.map((row) => ({ person: grid.people[row]!, ...counts(grid, row, shown, brush) }));
  const alone = counted.find((one) => one.trouble >= MOST_OF_TROUBLE * trouble);
  if (alone) {
    const text = `${alone.person.name ?? "One person"} has ${percent(alone.trouble / trouble)} of the minutes that were poor or bad, and ${percent(alone.trouble / alone.measured)} of their own were.`;
    return { text: text + time, facets: [], person: alone.person.key, brush: span };
  }
  const group = standingOut(counted, measured, trouble);
  if (group) {
    const { facets, people, share, rest } = group;
    const label = facets.map(({ field, value }) => (field === "network" ? networkName(value) : value)).join(", ");
    const text = `${label}: ${plural(people, "person", "people")} with ${percent(share)} of their minutes poor or bad; everyone else ${percent(rest)}.`;
    return { text: text + time, facets, person: null, brush: span };
  }
  return { text: `${percent(trouble / measured)} of the measured minutes were poor or bad${narrowed ? "" : ", spread over places and networks"}.${time}`, facets: [], person: null, brush: span };
}

const clockOf = (grid: Grid, column: number) => clock((grid.origin + column * grid.step * 60) * 1000);

interface Group {
  facets: Facet[];
  people: number;
  /** People with trouble. */
  affected: number;
  measured: number;
  trouble: number;
}

/** Returns the group that explains the trouble best: most of it is theirs, and most of their time is trouble. Null if none does. */
function standingOut(counted: (Counts & { person: Person })[], measured: number, trouble: number) {
  let best: (Group & { share: number; rest: number; score: number }) | null = null;
  for (const fields of GROUPS) {
    const groups = new Map<string, Group>();
    for (const one of counted) {
      const values = fields.map((field) => one.person[field]);
      if (values.some((value) => !value)) continue;
      const key = JSON.stringify(values);
      const group = groups.get(key) ?? { facets: fields.map((field, at) => ({ field, value: values[at]! })), people: 0, affected: 0, measured: 0, trouble: 0 };
      group.people++;
      if (one.trouble) group.affected++;
      group.measured += one.measured;
      group.trouble += one.trouble;
      groups.set(key, group);
    }
    for (const group of groups.values()) {
      const others = measured - group.measured;
      if (group.affected < LEAST_PEOPLE || !others || group.trouble < MOST_OF_TROUBLE * trouble) continue;
      const [share, rest, covered] = [group.trouble / group.measured, (trouble - group.trouble) / others, group.trouble / trouble];
      const score = (2 * share * covered) / (share + covered);
      if (share >= TIMES * rest && (!best || score > best.score * 1.02)) best = { ...group, share, rest, score };
    }
  }
  return best;
}

/** Returns the shortest time that holds most of the trouble, if it is under half of the whole time. */
export function worstSpan(grid: Pick<Grid, "columns">, trouble: ArrayLike<number>, brush: Brush): Brush | null {
  let total = 0;
  for (let column = brush.from; column <= brush.to; column++) total += trouble[column]!;
  const needed = total * MOST_OF_TIME;
  let best: Brush | null = null;
  for (let from = brush.from, to = brush.from, sum = 0; to <= brush.to; to++) {
    sum += trouble[to]!;
    while (sum - trouble[from]! >= needed) sum -= trouble[from++]!;
    if (sum >= needed && (!best || to - from < best.to - best.from)) best = { from, to };
  }
  return best && best.to - best.from + 1 <= (brush.to - brush.from + 1) / 2 ? best : null;
}
