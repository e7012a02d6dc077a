/** Geometry of bars that show parts of a whole. */
import type { Level } from "./quality";

const ORDER: Level[] = ["good", "fair", "poor", "bad", "none"];
const GAP = 1;
/** A part that exists can be seen, however small it is. */
const LEAST = 2;

/** Returns where each part is. Widths add up to the width of the bar, with a gap between parts. Parts of nothing are left out. */
export function barParts(counts: Record<Level, number>, width: number): { level: Level; x: number; width: number }[] {
  const present = ORDER.filter((level) => counts[level] > 0);
  const total = present.reduce((sum, level) => sum + counts[level], 0);
  if (!total) return [{ level: "none", x: 0, width }];
  const room = width - GAP * (present.length - 1);
  const small = present.filter((level) => (counts[level] / total) * room < LEAST);
  const smallTotal = small.reduce((sum, level) => sum + counts[level], 0);
  const rest = room - LEAST * small.length;
  let x = 0;
  return present.map((level) => {
    const wide = small.includes(level) ? LEAST : (counts[level] / (total - smallTotal)) * rest;
    const part = { level, x, width: wide };
    x += wide + GAP;
    return part;
  });
}
