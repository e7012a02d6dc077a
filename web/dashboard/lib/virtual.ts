/** Which rows of a long list are drawn. */

/** Rows beyond the edges of the window, so that scrolling shows no gaps. */
const MARGIN = 12;
/** The rows drawn change by this many at a time: a page that scrolls is laid out again less often. */
const STEP = 8;

/** Returns the first row and the row after the last one. `offset` is how far the list's top is above the window, in pixels. */
export function rowsInView(offset: number, windowHeight: number, rowHeight: number, total: number): { first: number; last: number } {
  const first = Math.floor((Math.floor(offset / rowHeight) - MARGIN) / STEP) * STEP;
  const last = Math.ceil((Math.ceil((offset + windowHeight) / rowHeight) + MARGIN) / STEP) * STEP;
  return { first: Math.max(0, Math.min(first, total)), last: Math.max(0, Math.min(last, total)) };
}

/** Returns the numbers of the pages that hold these rows. */
export function pagesOf(first: number, last: number, size: number): number[] {
  if (last <= first) return [];
  const [from, to] = [Math.floor(first / size), Math.floor((last - 1) / size)];
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}
