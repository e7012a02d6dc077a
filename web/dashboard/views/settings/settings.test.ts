import { expect, test } from "vitest";
import { agentName } from "./agent";
import { question, who, type AuditRow } from "./audit";
import { scopesOf } from "./roles";

test("browsers are named in short", () => {
  expect(agentName("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0")).toBe("Firefox on Windows");
  expect(agentName("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1")).toBe("Safari on iPhone");
  expect(agentName("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0")).toBe("Edge on Linux");
  expect(agentName("<b>odd</b>")).toBe("<b>odd</b>");
  expect(agentName(null)).toBe("n/a");
});

test("an entry of the audit log names its actor", () => {
  const row: AuditRow = { at: "", actor: "operator", token_id: null, client_id: null, user_id: null, member: null, address: null, operation: "", effect: "read", target: null, status: null, requests: 1 };
  expect(who(row)).toBe("operator");
  expect(who({ ...row, actor: "token", token_id: 7, user_id: "u1" })).toBe("token 7 for u1");
  expect(who({ ...row, actor: "app", client_id: "c" })).toBe("app c");
  expect(who({ ...row, actor: "member", token_id: 2, member: "ana@example.com" })).toBe("ana@example.com");
});

test("filters of the audit log are bound, and unknown effects are left out", () => {
  const { query, values } = question(new URLSearchParams("q=O'Neil&effect=erase&effect=drop&last=all"), new Date("2026-11-30T00:00:00Z")).count;
  expect(query).not.toContain("O'Neil");
  expect(values).toContain("erase");
  expect(values).not.toContain("drop");
  expect(query.match(/\?/g)).toHaveLength(values.length);
});

test("scopes are split at spaces, commas and lines", () => {
  expect(scopesOf(" rollcall:sql, persons:read\nrollcall:sql ")).toEqual(["rollcall:sql", "persons:read"]);
});
