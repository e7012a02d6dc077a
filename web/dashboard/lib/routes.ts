/** The views and their addresses. */

export type Route =
  | { view: "now" }
  | { view: "meetings" }
  | { view: "meeting"; id: string }
  | { view: "people" }
  | { view: "person"; id: string }
  | { view: "quality" }
  | { view: "webinars" }
  | { view: "webinar"; id: string }
  | { view: "codes" }
  | { view: "sql" }
  | { view: "settings"; id: string }
  | { view: "signin" }
  | { view: "welcome" }
  | { view: "missing" };

export type ViewName = Route["view"];

/** Views by the first part of their address, and the view of one entry below it. */
const PLACES: Record<string, { list?: ViewName; entry?: ViewName }> = {
  "": { list: "now" },
  now: { list: "now" },
  meetings: { list: "meetings", entry: "meeting" },
  people: { list: "people", entry: "person" },
  quality: { list: "quality" },
  webinars: { list: "webinars", entry: "webinar" },
  codes: { list: "codes" },
  sql: { list: "sql" },
  settings: { entry: "settings" },
  signin: { list: "signin" },
  welcome: { list: "welcome" },
};

/** Returns the view at a path. Ids are percent-encoded, since UUIDs contain slashes. */
export function match(path: string): Route {
  const [, first = "", second = "", ...rest] = path.split("/");
  const place = PLACES[first];
  if (!place || rest.length) return { view: "missing" };
  if (!second) return place.list ? ({ view: place.list } as Route) : { view: "missing" };
  try {
    return place.entry ? ({ view: place.entry, id: decodeURIComponent(second) } as Route) : { view: "missing" };
  } catch {
    return { view: "missing" };
  }
}

export const meetingPath = (uuid: string) => `/meetings/${encodeURIComponent(uuid)}`;
export const personPath = (person: string) => `/people/${encodeURIComponent(person)}`;
export const webinarPath = (uuid: string) => `/webinars/${encodeURIComponent(uuid)}`;
export const settingsPath = (page: string) => `/settings/${page}`;

/** Returns where to go after signing in: a path of this site, never another one. */
export function safeNext(next: string | null): string {
  if (!next || !/^\/(?![/\\])/.test(next) || /[\x00-\x1f]/.test(next)) return "/now";
  return match(next.split(/[?#]/)[0]!).view === "signin" ? "/now" : next;
}
