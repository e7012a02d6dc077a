import { expect, test } from "vitest";
import type { Connection } from "../../../api/types";
import { grouped, QUESTIONS, type GapRow } from "./collecting";
import { changeBody, collectsWords, draftOf, emptyDraft, everyWords, freeName, newBody, progressOf, stateOf } from "./connections";

const LANE = { lane: "Heavy", waiting_lists: 0, waiting_calls: 0, complete_lists: 0, refused_lists: 0, entries: 0 };
const CONNECTION: Connection = {
  id: 1,
  vendor: "zoom",
  name: "main",
  client_id: "client",
  vendor_account: "account",
  base_url: null,
  plan: null,
  share_percent: 50,
  every_minutes: 60,
  follows_live: false,
  lookback_days: 180,
  has_secrets: true,
  created_at: "2026-11-01T00:00:00Z",
  is_running: false,
  run_asked_at: null,
  next_run_at: null,
  last_run: null,
  progress: [],
  gaps: 0,
};

test("progress adds up all lanes, and is unknown before anything is planned", () => {
  expect(progressOf({ progress: [] }).share).toBeNull();
  expect(progressOf({ progress: [{ ...LANE, waiting_lists: 4 }] }).share).toBe(0);
  const progress = progressOf({ progress: [{ ...LANE, waiting_lists: 2, waiting_calls: 9, complete_lists: 5, entries: 100 }, { ...LANE, complete_lists: 2, refused_lists: 1, entries: 11 }] });
  expect(progress).toEqual({ complete: 7, waiting: 2, refused: 1, calls: 9, entries: 111, share: 0.8 });
});

test("the state names what needs somebody first", () => {
  const ended = (stopped_by: string | null) => ({ ended_at: "2026-11-30T10:00:00Z", stopped_by });
  expect(stateOf({ ...CONNECTION, is_running: true, last_run: ended("x") })).toBe("running");
  expect(stateOf({ ...CONNECTION, has_secrets: false, run_asked_at: "2026-11-30T10:00:00Z" })).toBe("locked");
  expect(stateOf({ ...CONNECTION, run_asked_at: "2026-11-30T10:00:00Z", last_run: ended("x") })).toBe("asked");
  expect(stateOf({ ...CONNECTION, every_minutes: null, last_run: ended("the token was refused") })).toBe("stopped");
  expect(stateOf({ ...CONNECTION, every_minutes: null, last_run: ended(null) })).toBe("paused");
  expect(stateOf({ ...CONNECTION, last_run: ended(null) })).toBe("waits");
});

test("intervals are words", () => {
  expect([null, 1, 15, 60, 360, 1440, 2880].map(everyWords)).toEqual(["only when asked", "every minute", "every 15 minutes", "every hour", "every 6 hours", "every day", "every 2 days"]);
});

test("what is collected says whether live meetings are followed", () => {
  expect(collectsWords({ every_minutes: 60, follows_live: false })).toBe("every hour");
  expect(collectsWords({ every_minutes: 60, follows_live: true })).toBe("every hour, and follows live meetings");
  expect(collectsWords({ every_minutes: null, follows_live: true })).toBe("live meetings; the rest only when asked");
});

test("a new connection has a free name, and blanks are null", () => {
  expect(freeName(["main", "main 2"])).toBe("main 3");
  const draft = { ...emptyDraft(["main"]), clientId: " id ", clientSecret: " s3cret ", vendorAccount: "account", every: 0 };
  expect(newBody("zoom", draft)).toEqual({
    vendor: "zoom",
    name: "main 2",
    client_id: "id",
    client_secret: "s3cret",
    refresh_token: null,
    vendor_account: "account",
    base_url: null,
    plan: null,
    share_percent: 50,
    every_minutes: null,
    follows_live: false,
    lookback_days: 180,
  });
});

test("a change keeps secrets that are not typed again, and sends an address only if it is another", () => {
  const local = { ...CONNECTION, base_url: "http://127.0.0.1:8480" };
  const kept = changeBody(local, draftOf(local));
  expect(kept).not.toHaveProperty("client_secret");
  expect(kept).not.toHaveProperty("refresh_token");
  expect(kept).not.toHaveProperty("base_url");
  expect(changeBody(local, { ...draftOf(local), baseUrl: "" })).toHaveProperty("base_url", null);
  const renewed = changeBody(CONNECTION, { ...draftOf(CONNECTION), clientSecret: "new", refreshToken: "token" });
  expect([renewed.client_secret, renewed.refresh_token]).toEqual(["new", "token"]);
});

test("gaps are grouped by what fills them, and what can be done comes first", () => {
  const gap = (reason: string, remedy: string, waiting_lists = 0): GapRow => ({ vendor: "zoom", connection: "main", reason, request: "/v2/x", detail: "", remedy, waiting_lists, times: 1, first_at: "", last_at: "" });
  const groups = grouped([gap("too old", "none"), gap("scope", "add a"), gap("odd", "?"), gap("scope", "add b", 7), gap("scope", "add a")]);
  expect(groups.map(({ reason, remedy, missing, gaps }) => [reason, remedy, missing, gaps.length])).toEqual([
    ["scope", "add b", 8, 1],
    ["scope", "add a", 2, 2],
    ["too old", "none", 1, 1],
    ["odd", "?", 1, 1],
  ]);
  expect(groups[0]!.words).toBe("The app lacks a scope");
  expect(grouped([])).toEqual([]);
  expect(QUESTIONS.gaps.query).toContain("collect_gaps");
});
