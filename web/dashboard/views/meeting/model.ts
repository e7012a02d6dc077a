/** People by minutes: what the page of a meeting draws. Pure functions over rows. */
import { FIRST, type Attendance, type Instance, type Minutes } from "./data";
import type { Medium } from "../../lib/quality";

/** What a person did in a minute. */
export const ABSENT = 0;
export const PRESENT = 1;
export const WAITING = 2;
export const BREAKOUT = 3;

export type Shown = Medium | "worst";

export interface Person {
  key: string;
  /** Null if the reader may not see names, or if none was reported. */
  name: string | null;
  email: string | null;
  person: string | null;
  role: string | null;
  place: string | null;
  network: string | null;
  device: string | null;
  client: string | null;
  centre: string | null;
  attendances: Attendance[];
  /** Joins, without moves to breakout rooms and stays in the waiting room. */
  joins: number;
  /** How long they were in the room, in seconds: several devices at a time count once, waiting does not count. */
  seconds: number;
  /** Columns of the first join and of the last leave. */
  from: number;
  to: number;
}

export interface Grid {
  people: Person[];
  /** Minute 0, in seconds since 1970. */
  origin: number;
  minutes: number;
  /** How long the meeting lasted, or has lasted, in seconds. Null if unknown. */
  seconds: number | null;
  /** Minutes in a column: more than one only if a meeting lasts for days. */
  step: number;
  columns: number;
  /** A value for each person and column, row by row. */
  presence: Uint8Array;
  levels: Record<Shown, Uint8Array>;
}

const MOST_COLUMNS = 1500;
const seconds = (time: string) => Math.floor(Date.parse(time) / 1000);

/** Returns minute 0 and the number of minutes that everything fits into. */
export function extent(instance: Instance, attendances: Attendance[], now: number): { origin: number; minutes: number } {
  const starts = [instance.start_time, ...attendances.map((one) => one.join_time)].filter((time) => time !== null).map(seconds);
  const ends = [instance.end_time, ...attendances.map((one) => one.leave_time)].filter((time) => time !== null).map(seconds);
  const start = Math.min(...starts);
  if (!Number.isFinite(start)) return { origin: Math.floor(now / 60) * 60, minutes: 1 };
  const end = instance.state === "live" ? now : Math.max(start + 60, ...ends);
  const origin = Math.floor(start / 60) * 60;
  return { origin, minutes: Math.max(1, Math.ceil((end - origin) / 60)) };
}

function length(instance: Instance, now: number): number | null {
  if (!instance.start_time) return null;
  const end = instance.state === "live" ? now : instance.end_time ? seconds(instance.end_time) : null;
  return end === null ? instance.duration_seconds : end - seconds(instance.start_time);
}

/** Returns what identifies the person of an attendance: a known person, else name and address, else the attendance alone. */
function identity(one: Attendance, at: number): string {
  if (one.person) return one.person;
  return one.user_name && one.ip_address ? `guest:${one.user_name}|${one.ip_address}` : `alone:${one.user_id ?? at}|${one.join_time ?? ""}`;
}

/** Returns people in the order in which they joined, and what they did in each minute. */
export function grid(instance: Instance, attendances: Attendance[], now: number): Grid {
  const { origin, minutes } = extent(instance, attendances, now);
  const step = Math.max(1, Math.ceil(minutes / MOST_COLUMNS));
  const columns = Math.ceil(minutes / step);
  const groups = new Map<string, Attendance[]>();
  attendances.forEach((one, at) => {
    const key = identity(one, at);
    const own = groups.get(key);
    if (own) own.push(one);
    else groups.set(key, [one]);
  });
  const people = [...groups].map(([key, own]) => person(key, own));
  const size = people.length * columns;
  const result: Grid = {
    people,
    origin,
    minutes,
    seconds: length(instance, now),
    step,
    columns,
    presence: new Uint8Array(size),
    levels: { worst: new Uint8Array(size), audio: new Uint8Array(size), video: new Uint8Array(size), share: new Uint8Array(size) },
  };
  people.forEach((one, row) => {
    one.seconds = attendedSeconds(one.attendances, now);
    fillPresence(result, one, row, now);
  });
  return result;
}

function person(key: string, own: Attendance[]): Person {
  const latest = own.at(-1)!;
  const first = <K extends keyof Attendance>(field: K) => own.findLast((one) => one[field])?.[field] ?? null;
  return {
    key,
    name: first("user_name"),
    email: first("email"),
    person: latest.person,
    role: own.some((one) => one.role === "host") ? "host" : first("role"),
    place: first("location"),
    network: first("network_type"),
    device: first("device") ?? first("os"),
    client: first("client"),
    centre: first("data_center"),
    attendances: own,
    joins: own.filter((one) => !one.bo_mtg_id && one.status !== "in_waiting_room").length,
    seconds: 0,
    from: 0,
    to: 0,
  };
}

/** Returns the length of the union of stays, in seconds. Stays without an end last until `now`. */
export function attendedSeconds(stays: Attendance[], now: number): number {
  const spans = stays
    .filter((one) => one.join_time && one.status !== "in_waiting_room")
    .map((one) => [seconds(one.join_time!), one.leave_time ? seconds(one.leave_time) : now] as const)
    .sort((a, b) => a[0] - b[0]);
  let [total, until] = [0, -Infinity];
  for (const [from, to] of spans) {
    total += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return total;
}

/** Returns the share of the meeting that a person was there for, from 0 to 1. Null if its length is unknown. */
export function attendedShare(grid: Grid, one: Person): number | null {
  return grid.seconds ? Math.min(1, one.seconds / grid.seconds) : null;
}

function fillPresence(grid: Grid, one: Person, row: number, now: number) {
  const at = (time: number) => Math.max(0, Math.min(grid.columns - 1, Math.floor((time - grid.origin) / 60 / grid.step)));
  one.from = grid.columns;
  for (const { join_time, leave_time, status, bo_mtg_id } of one.attendances) {
    if (!join_time) continue;
    const [from, to] = [at(seconds(join_time)), at(leave_time ? seconds(leave_time) - 1 : now)];
    const value = status === "in_waiting_room" ? WAITING : bo_mtg_id ? BREAKOUT : PRESENT;
    for (let column = from; column <= to; column++) {
      const cell = row * grid.columns + column;
      // A stay in the room counts over one in the waiting room.
      if (grid.presence[cell] === ABSENT || grid.presence[cell] === WAITING) grid.presence[cell] = value;
    }
    one.from = Math.min(one.from, from);
    one.to = Math.max(one.to, to);
  }
  if (one.from > one.to) one.from = one.to;
}

/** Adds the labels of minutes. Of several in one cell, the worst counts. */
export function fillLevels(grid: Grid, minutes: Minutes[]): void {
  const rows = new Map<string, number>();
  grid.people.forEach((one, row) => one.attendances.forEach((own) => rows.set(`${own.user_id}|${own.join_time}`, row)));
  const { worst, audio, video, share } = grid.levels;
  for (const one of minutes) {
    const row = rows.get(`${one.user_id}|${one.join_time}`);
    if (row === undefined) continue;
    for (let at = 0; at < one.minutes.length; at++) {
      const column = Math.floor((one.minutes.charCodeAt(at) - FIRST) / grid.step);
      if (column < 0 || column >= grid.columns) continue;
      const packed = one.labels.charCodeAt(at) - FIRST;
      const cell = row * grid.columns + column;
      const [sound, picture, sharing] = [packed % 5, Math.floor(packed / 5) % 5, Math.floor(packed / 25)];
      audio[cell] = Math.max(audio[cell]!, sound);
      video[cell] = Math.max(video[cell]!, picture);
      share[cell] = Math.max(share[cell]!, sharing);
      worst[cell] = Math.max(worst[cell]!, sound, picture, sharing);
      if (grid.presence[cell] === ABSENT) grid.presence[cell] = PRESENT;
    }
  }
}

/** Columns that the reader has chosen; both ends are included. */
export interface Brush {
  from: number;
  to: number;
}

export const whole = (grid: Grid): Brush => ({ from: 0, to: grid.columns - 1 });

/** The number of people in the room, measured, and in trouble, in each column. */
export interface Totals {
  people: Uint32Array;
  measured: Uint32Array;
  trouble: Uint32Array;
}

export function totals(grid: Grid, rows: number[], shown: Shown): Totals {
  const result = { people: new Uint32Array(grid.columns), measured: new Uint32Array(grid.columns), trouble: new Uint32Array(grid.columns) };
  const levels = grid.levels[shown];
  for (const row of rows) {
    for (let column = 0, cell = row * grid.columns; column < grid.columns; column++, cell++) {
      if (grid.presence[cell] === PRESENT || grid.presence[cell] === BREAKOUT) result.people[column]!++;
      if (levels[cell]) result.measured[column]!++;
      if (levels[cell]! >= 3) result.trouble[column]!++;
    }
  }
  return result;
}

export interface Counts {
  present: number;
  measured: number;
  trouble: number;
  /** Cells by level, from not measured to bad. */
  levels: [number, number, number, number, number];
}

/** Counts a person's columns within the brush. */
export function counts(grid: Grid, row: number, shown: Shown, brush: Brush): Counts {
  const result: Counts = { present: 0, measured: 0, trouble: 0, levels: [0, 0, 0, 0, 0] };
  const levels = grid.levels[shown];
  for (let column = brush.from, cell = row * grid.columns + brush.from; column <= brush.to; column++, cell++) {
    const level = levels[cell]!;
    if (grid.presence[cell] === ABSENT || grid.presence[cell] === WAITING) continue;
    result.present++;
    result.levels[level]!++;
    if (level) result.measured++;
    if (level >= 3) result.trouble++;
  }
  return result;
}

export const SORTS = { joined: "Joined", worst: "Worst first", name: "Name", place: "Place", device: "Device", least: "Least time there" } as const;
export type SortKey = keyof typeof SORTS;

/** Returns the rows to show: of people who were there within the brush and match the search, sorted. */
export function arrange(grid: Grid, options: { sort: SortKey; shown: Shown; brush: Brush; search: string; facets: Facet[] }): number[] {
  const { sort, shown, brush, facets } = options;
  const search = options.search.trim().toLowerCase();
  const text = (value: string | null) => value?.toLowerCase() ?? "\uffff";
  const rows = grid.people
    .map((_, row) => row)
    .filter((row) => {
      const one = grid.people[row]!;
      if (search && ![one.name, one.email, one.place, one.device].some((value) => value?.toLowerCase().includes(search))) return false;
      if (!facets.every(({ field, value }) => (one[field] ?? "") === value)) return false;
      return one.from <= brush.to && one.to >= brush.from;
    });
  if (sort === "worst") {
    const weight = new Map(rows.map((row) => [row, heaviness(grid, row, shown, brush)]));
    return rows.sort((a, b) => weight.get(b)! - weight.get(a)! || a - b);
  }
  const compare: Record<Exclude<SortKey, "worst">, (a: Person, b: Person) => number> = {
    joined: (a, b) => a.from - b.from,
    name: (a, b) => text(a.name).localeCompare(text(b.name)),
    least: (a, b) => a.seconds - b.seconds,
    place: (a, b) => text(a.place).localeCompare(text(b.place)) || text(a.network).localeCompare(text(b.network)),
    device: (a, b) => text(a.device).localeCompare(text(b.device)) || text(a.client).localeCompare(text(b.client)),
  };
  return rows.sort((a, b) => compare[sort](grid.people[a]!, grid.people[b]!) || a - b);
}

/** Bad minutes count over any number of poor ones, and those over fair ones. */
function heaviness(grid: Grid, row: number, shown: Shown, brush: Brush): number {
  const { levels } = counts(grid, row, shown, brush);
  return levels[4] * 1e8 + levels[3] * 1e4 + levels[2];
}

export const FACETS = { place: "Place", network: "Network", client: "Client", device: "Device", centre: "Data centre" } as const;
export type FacetField = keyof typeof FACETS;
export interface Facet {
  field: FacetField;
  value: string;
}
export interface FacetCount extends Facet {
  people: number;
  measured: number;
  trouble: number;
}

/** Counts people and minutes by the values of a field, those with the highest share in trouble first. */
export function facetCounts(grid: Grid, rows: number[], field: FacetField, shown: Shown, brush: Brush): FacetCount[] {
  const found = new Map<string, FacetCount>();
  for (const row of rows) {
    const value = grid.people[row]![field] ?? "";
    const { measured, trouble } = counts(grid, row, shown, brush);
    const one = found.get(value) ?? { field, value, people: 0, measured: 0, trouble: 0 };
    one.people++;
    one.measured += measured;
    one.trouble += trouble;
    found.set(value, one);
  }
  const share = (one: FacetCount) => (one.measured ? one.trouble / one.measured : -1);
  return [...found.values()].sort((a, b) => share(b) - share(a) || b.people - a.people);
}
