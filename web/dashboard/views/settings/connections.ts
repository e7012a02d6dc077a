/** Connections to vendors: their state in words, and what a form sends. */
import type { Connection, ConnectionChange, NewConnection } from "../../../api/types";

export type Vendor = "zoom" | "webex";

export const VENDORS: Record<Vendor, { name: string; app: string; where: string; more: string }> = {
  zoom: {
    name: "Zoom",
    app: "Server-to-Server OAuth app",
    where: "In the Zoom App Marketplace, choose Develop, Build App, Server-to-Server OAuth. Add the scopes below, activate the app, and copy its three credentials.",
    more: "Dashboards need a Business plan or a higher one. Without them, reports are read.",
  },
  webex: {
    name: "Webex",
    app: "service app or integration",
    where: "At developer.webex.com, create a service app with the scopes below, have it authorized in Control Hub, and copy its client id, secret and refresh token.",
    more: "To try it out, an administrator’s personal access token is enough: leave the client id empty. It works for twelve hours.",
  },
};

/** How far a connection is, all lanes together. */
export interface Progress {
  complete: number;
  waiting: number;
  refused: number;
  calls: number;
  entries: number;
  /** From 0 to 1; null if nothing was planned. */
  share: number | null;
}

export function progressOf({ progress }: Pick<Connection, "progress">): Progress {
  const sum = (of: (lane: Connection["progress"][number]) => number) => progress.reduce((total, lane) => total + of(lane), 0);
  const [complete, waiting, refused] = [sum((lane) => lane.complete_lists), sum((lane) => lane.waiting_lists), sum((lane) => lane.refused_lists)];
  const all = complete + waiting + refused;
  return { complete, waiting, refused, calls: sum((lane) => lane.waiting_calls), entries: sum((lane) => lane.entries), share: all ? (complete + refused) / all : null };
}

export type State = "running" | "asked" | "stopped" | "paused" | "waits" | "locked";

/** What a connection does now. What needs somebody comes before what does not. */
export function stateOf(connection: Pick<Connection, "is_running" | "run_asked_at" | "has_secrets" | "every_minutes" | "follows_live" | "last_run">): State {
  if (connection.is_running) return "running";
  if (!connection.has_secrets) return "locked";
  if (connection.run_asked_at) return "asked";
  if (connection.last_run?.stopped_by) return "stopped";
  return connection.every_minutes || connection.follows_live ? "waits" : "paused";
}

export const STATES: Record<State, string> = {
  running: "Collecting",
  asked: "Starts soon",
  stopped: "Stopped early",
  paused: "Paused",
  waits: "Up to date",
  locked: "No secrets stored",
};

/** How often a connection runs, in words. */
export function everyWords(minutes: number | null | undefined): string {
  if (!minutes) return "only when asked";
  if (minutes % 1440 === 0) return minutes === 1440 ? "every day" : `every ${minutes / 1440} days`;
  if (minutes % 60 === 0) return minutes === 60 ? "every hour" : `every ${minutes / 60} hours`;
  return minutes === 1 ? "every minute" : `every ${minutes} minutes`;
}

/** What a connection collects, and when, in words. */
export function collectsWords({ every_minutes, follows_live }: Pick<Connection, "every_minutes" | "follows_live">): string {
  if (!follows_live) return everyWords(every_minutes);
  return every_minutes ? `${everyWords(every_minutes)}, and follows live meetings` : "live meetings; the rest only when asked";
}

/** The choices of a form; the value is in minutes. */
export const INTERVALS = [15, 60, 360, 1440];

/** What a form holds. */
export interface Draft {
  name: string;
  clientId: string;
  clientSecret: string;
  refreshToken: string;
  vendorAccount: string;
  baseUrl: string;
  plan: string;
  share: number;
  /** 0: paused. */
  every: number;
  live: boolean;
  days: number;
}

export const emptyDraft = (taken: string[] = []): Draft => ({
  name: freeName(taken),
  clientId: "",
  clientSecret: "",
  refreshToken: "",
  vendorAccount: "",
  baseUrl: "",
  plan: "",
  share: 50,
  every: 60,
  live: false,
  days: 180,
});

/** Returns a name that no other connection to the vendor has. */
export function freeName(taken: string[]): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? "main" : `main ${number}`;
    if (!taken.includes(name)) return name;
  }
}

export const draftOf = (connection: Connection): Draft => ({
  name: connection.name,
  clientId: connection.client_id,
  clientSecret: "",
  refreshToken: "",
  vendorAccount: connection.vendor_account ?? "",
  baseUrl: connection.base_url ?? "",
  plan: connection.plan ?? "",
  share: connection.share_percent,
  every: connection.every_minutes ?? 0,
  live: connection.follows_live,
  days: connection.lookback_days,
});

const orNull = (text: string) => text.trim() || null;

/** The body that creates a connection. */
export function newBody(vendor: Vendor, draft: Draft): NewConnection {
  return {
    vendor,
    name: draft.name.trim(),
    client_id: orNull(draft.clientId),
    client_secret: draft.clientSecret.trim(),
    refresh_token: orNull(draft.refreshToken),
    ...options(draft),
  };
}

/** The body that changes a connection. Secrets stay unless a new one is typed; an unchanged address is not sent. */
export function changeBody(former: Connection, draft: Draft): ConnectionChange {
  const { base_url, ...rest } = options(draft);
  return {
    name: draft.name.trim(),
    client_id: draft.clientId.trim() || former.client_id,
    ...(draft.clientSecret.trim() ? { client_secret: draft.clientSecret.trim(), refresh_token: orNull(draft.refreshToken) } : {}),
    ...rest,
    ...(base_url === (former.base_url ?? null) ? {} : { base_url }),
  };
}

const options = (draft: Draft) => ({
  vendor_account: orNull(draft.vendorAccount),
  base_url: orNull(draft.baseUrl),
  plan: orNull(draft.plan),
  share_percent: draft.share,
  every_minutes: draft.every || null,
  follows_live: draft.live,
  lookback_days: draft.days,
});
