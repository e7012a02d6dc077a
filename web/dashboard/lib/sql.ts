/** Builds SQL whose values are bound, never part of the text. */

export type Value = string | number | null;

/** A time that moves with the moment of asking. In a request it is `at`; in a mail it is that long before the mail. */
export class Moving {
  constructor(
    readonly at: string,
    /** How long ago, such as 24h, 28d or 12m. */
    readonly ago: string,
    /** The hour or day of UTC to whose start it is rounded down. */
    readonly round?: "hour" | "day",
  ) {}

  toJSON(): string {
    return this.at;
  }
}

export type Bound = Value | Moving;

/** A piece of SQL with the values of its placeholders, in order. */
export interface Fragment {
  readonly query: string;
  readonly values: readonly Bound[];
}

const isFragment = (part: unknown): part is Fragment => typeof part === "object" && part !== null && "query" in part;

/** A template tag: `sql\`… WHERE topic = ${topic}\`` binds `topic`. Fragments are inserted with their values. */
export function sql(strings: TemplateStringsArray, ...parts: (Bound | Fragment)[]): Fragment {
  let query = strings[0]!;
  const values: Bound[] = [];
  parts.forEach((part, at) => {
    if (isFragment(part)) {
      query += part.query;
      values.push(...part.values);
    } else {
      query += "?";
      values.push(part);
    }
    query += strings[at + 1]!;
  });
  return { query, values };
}

const NAME = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$/;

/** Returns the name of a column or a table. Throws if it is anything else, so that no input becomes SQL. */
export function name(column: string): Fragment {
  if (!NAME.test(column)) throw new Error(`not a column: ${column}`);
  return { query: column, values: [] };
}

/** Joins fragments. */
export function join(parts: readonly Fragment[], between: string): Fragment {
  return { query: parts.map((part) => part.query).join(between), values: parts.flatMap((part) => part.values) };
}

/** Returns a list of values: `(?, ?, ?)`. */
export function list(values: readonly Value[]): Fragment {
  return { query: `(${values.map(() => "?").join(", ")})`, values };
}

/** Returns conditions joined by AND; true if there are none. */
export const all = (conditions: readonly Fragment[]): Fragment => (conditions.length ? join(conditions, " AND ") : sql`1`);

/** Returns conditions joined by OR in brackets; false if there are none. */
export const any = (conditions: readonly Fragment[]): Fragment =>
  conditions.length ? sql`(${join(conditions, " OR ")})` : sql`0`;

/** Returns the pattern for LIKE that finds a text anywhere. Use it with `ESCAPE '\\'`. */
export const containing = (text: string) => `%${text.replace(/[\\%_]/g, "\\$&")}%`;

/** Returns the query on fewer lines, without the indentation of the source it was written in. */
export function tidy(query: string): string {
  const lines = query.replace(/^\s*\n|\n\s*$/g, "").split("\n");
  const indent = Math.min(...lines.slice(1).filter((line) => line.trim()).map((line) => line.match(/^ */)![0].length));
  return lines.map((line, at) => (at && Number.isFinite(indent) ? line.slice(indent) : line.trimStart())).join("\n");
}

/** Returns the query with its values written into it, to be read, copied and edited by a person. */
export function spelledOut({ query, values }: Fragment): string {
  let at = 0;
  return tidy(query).replace(/'(?:[^']|'')*'|\?/g, (found) => (found === "?" ? literal(values[at++] ?? null) : found));
}

function literal(value: Bound): string {
  if (value === null) return "NULL";
  if (value instanceof Moving) return `'${value.at}'`;
  return typeof value === "number" ? String(value) : `'${value.replaceAll("'", "''")}'`;
}
