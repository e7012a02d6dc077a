/** Says in a sentence where the trouble was, from counts alone: it names no cause. */
import { networkName } from "../../lib/quality";
import { percent, plural } from "../../lib/numbers";
import { clock } from "../../lib/time";
import { FACETS, facetCounts, totals, type Brush, type Facet, type FacetField, type Grid, type Shown } from "./model";

export interface Summary {
  text: string;
  /** What to look at. */
  facet: Facet | null;
  brush: Brush | null;
}

/** A group stands out if it has at least this many people, this share of all trouble, and this many times the rest's share. */
const LEAST_PEOPLE = 3;
const MOST_OF_TROUBLE = 0.5;
const TIMES = 3;
/** Below this share of minutes, nothing stands out. */
const HARDLY = 0.01;

export function summary(grid: Grid, rows: number[], shown: Shown, brush: Brush): Summary {
  const sums = totals(grid, rows, shown);
  let [measured, trouble] = [0, 0];
  for (let column = brush.from; column <= brush.to; column++) {
    measured += sums.measured[column]!;
    trouble += sums.trouble[column]!;
  }
  if (!measured) return { text: "Nothing was measured in this time.", facet: null, brush: null };
  if (!trouble) return { text: "Nobody had trouble: every measured minute was good or fair.", facet: null, brush: null };
  if (trouble / measured < HARDLY) {
    return { text: `Hardly anybody had trouble: ${percent(trouble / measured)} of the measured minutes were poor or bad.`, facet: null, brush: null };
  }
  const span = worstSpan(grid, sums.trouble, brush);
  const time = span ? ` Most of it was at ${clockOf(grid, span.from)}–${clockOf(grid, span.to + 1)}.` : "";
  const group = standingOut(grid, rows, shown, brush, measured, trouble);
  if (group) {
    const { field, value, people, share, rest } = group;
    const label = field === "network" ? networkName(value) : value;
    const text = `${FACETS[field]} ${label}: ${plural(people, "person", "people")} with ${percent(share)} of their minutes poor or bad, everybody else ${percent(rest)}.`;
    return { text: text + time, facet: { field, value }, brush: span };
  }
  return { text: `${percent(trouble / measured)} of the measured minutes were poor or bad, spread over places and networks.${time}`, facet: null, brush: span };
}

const clockOf = (grid: Grid, column: number) => clock((grid.origin + column * grid.step * 60) * 1000);

function standingOut(grid: Grid, rows: number[], shown: Shown, brush: Brush, measured: number, trouble: number) {
  let best: { field: FacetField; value: string; people: number; share: number; rest: number; score: number } | null = null;
  for (const field of ["place", "network", "client", "device", "centre"] as const) {
    for (const one of facetCounts(grid, rows, field, shown, brush)) {
      if (!one.value || one.people < LEAST_PEOPLE || one.people === rows.length || one.trouble < MOST_OF_TROUBLE * trouble) continue;
      const share = one.trouble / one.measured;
      const others = measured - one.measured;
      if (!others) continue;
      const rest = (trouble - one.trouble) / others;
      const score = share / Math.max(rest, 0.001);
      if (score >= TIMES && (!best || score > best.score)) best = { field, value: one.value, people: one.people, share, rest, score };
    }
  }
  return best;
}

/** Returns the shortest time that holds at least two thirds of the trouble, if it is under half of the whole time. */
export function worstSpan(grid: Pick<Grid, "columns">, trouble: ArrayLike<number>, brush: Brush): Brush | null {
  let total = 0;
  for (let column = brush.from; column <= brush.to; column++) total += trouble[column]!;
  const needed = (total * 2) / 3;
  let best: Brush | null = null;
  for (let from = brush.from, to = brush.from, sum = 0; to <= brush.to; to++) {
    sum += trouble[to]!;
    while (sum - trouble[from]! >= needed) sum -= trouble[from++]!;
    if (sum >= needed && (!best || to - from < best.to - best.from)) best = { from, to };
  }
  return best && best.to - best.from + 1 <= (brush.to - brush.from + 1) / 2 ? best : null;
}
