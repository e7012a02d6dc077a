/** Geometry and drawing of the heat map: rows are people, columns are minutes. */
import { ABSENT, BREAKOUT, WAITING, type Grid, type Shown } from "./model";

export const ROW = 22;
/** Heights of bands by level, from not measured to bad: what is worse is thicker, so that colour is not needed to read it. */
export const BANDS = [2, 7, 11, 15, 19] as const;

export interface HeatColours {
  levels: [string, string, string, string, string];
  waiting: string;
  line: string;
}

/** A run of columns of one row that look the same. */
export interface Run {
  from: number;
  to: number;
  presence: number;
  level: number;
}

/** Returns the runs of a row. Absence is left out. */
export function runs(presence: Uint8Array, levels: Uint8Array, start: number, columns: number): Run[] {
  const found: Run[] = [];
  let run: Run | null = null;
  for (let column = 0; column < columns; column++) {
    const [here, level] = [presence[start + column]!, levels[start + column]!];
    if (here === ABSENT) {
      run = null;
    } else if (run && run.presence === here && run.level === level) {
      run.to = column;
    } else {
      run = { from: column, to: column, presence: here, level };
      found.push(run);
    }
  }
  return found;
}

/** Draws rows from `first` on. `rowHeight` under 6 draws plain cells: an overview. */
export function draw(context: CanvasRenderingContext2D, grid: Grid, rows: number[], shown: Shown, view: { width: number; first: number; last: number; rowHeight: number }, colours: HeatColours): void {
  const { width, first, last, rowHeight } = view;
  context.clearRect(0, 0, width, (last - first) * rowHeight);
  const column = width / grid.columns;
  const levels = grid.levels[shown];
  for (let at = first; at < last; at++) {
    const row = rows[at];
    if (row === undefined) break;
    const top = (at - first) * rowHeight;
    for (const run of runs(grid.presence, levels, row * grid.columns, grid.columns)) {
      const [x, wide] = [run.from * column, (run.to - run.from + 1) * column];
      drawRun(context, run, x, top, wide, rowHeight, colours);
    }
  }
}

function drawRun(context: CanvasRenderingContext2D, run: Run, x: number, top: number, width: number, rowHeight: number, colours: HeatColours) {
  const middle = top + rowHeight / 2;
  if (run.presence === WAITING) {
    context.fillStyle = colours.waiting;
    for (let at = x; at < x + width; at += 4) context.fillRect(at, middle - 0.5, 1.5, 1);
    return;
  }
  const band = rowHeight >= 6 ? Math.min(BANDS[run.level]!, rowHeight - 1) : rowHeight - (rowHeight > 2 ? 1 : 0);
  context.fillStyle = colours.levels[run.level]!;
  // In an overview, good minutes are the background.
  context.globalAlpha = rowHeight < 6 && run.level === 1 ? 0.4 : 1;
  // Half a pixel of overlap hides seams between runs.
  context.fillRect(x, middle - band / 2, width + 0.3, band);
  context.globalAlpha = 1;
  if (run.presence === BREAKOUT && rowHeight >= 6) {
    context.fillStyle = colours.line;
    context.fillRect(x, top + rowHeight - 2, width, 1);
  }
}

/** Returns the cell at a point; null if there is none. */
export function cellAt(x: number, y: number, size: { width: number; rowHeight: number; columns: number; rows: number }): { row: number; column: number } | null {
  const [column, row] = [Math.floor((x / size.width) * size.columns), Math.floor(y / size.rowHeight)];
  return column >= 0 && column < size.columns && row >= 0 && row < size.rows ? { row, column } : null;
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440, 2880, 10080];

/** Returns the minutes at which the axis has ticks: round times of the reader's clock, at least `gap` pixels apart. */
export function ticks(origin: number, minutes: number, width: number, gap = 70): { minute: number; time: Date }[] {
  const step = STEPS.find((one) => (one / minutes) * width >= gap) ?? STEPS.at(-1)!;
  const start = new Date(origin * 1000);
  // Minutes since the reader's midnight, so that ticks are at full hours of the reader's zone.
  const since = start.getHours() * 60 + start.getMinutes();
  const first = (step - (since % step)) % step;
  const found = [];
  for (let minute = first; minute <= minutes; minute += step) found.push({ minute, time: new Date((origin + minute * 60) * 1000) });
  return found;
}
