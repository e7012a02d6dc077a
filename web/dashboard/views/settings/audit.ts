/** The question behind the audit log. */
import { period, within } from "../../lib/filters";
import type { Question } from "../../lib/pages.svelte";
import { all, any, containing, list, sql } from "../../lib/sql";
import type { Column } from "../../parts/VirtualTable.svelte";

export interface AuditRow {
  at: string;
  actor: string;
  token_id: number | null;
  client_id: string | null;
  user_id: string | null;
  member: string | null;
  address: string | null;
  operation: string;
  effect: string;
  target: string | null;
  status: number | null;
  requests: number;
}

export const EFFECTS: Record<string, string> = { read: "Read", export: "Exported", ingest: "Sent data", change: "Changed", erase: "Erased", grant: "Gave access" };

export const COLUMNS: Column[] = [
  { key: "at", label: "When", width: 118 },
  { key: "who", label: "Who", width: 210, wide: true },
  { key: "effect", label: "Did", width: 92 },
  { key: "operation", label: "Operation" },
  { key: "target", label: "Of", width: 150, wide: true },
  { key: "status", label: "Status", width: 72, align: "end", wide: true },
  { key: "requests", label: "Times", width: 72, align: "end", wide: true, hint: "Requests within the minute, counted together" },
  { key: "address", label: "From", width: 150, wide: true },
];

export function question(query: URLSearchParams, now: Date): Question {
  const conditions = [within("at", period(query, now))];
  const effects = query.getAll("effect").filter((effect) => effect in EFFECTS);
  if (effects.length) conditions.push(sql`effect IN ${list(effects)}`);
  const text = query.get("q")?.trim();
  if (text) {
    const like = containing(text);
    conditions.push(any([sql`operation LIKE ${like} ESCAPE '\\'`, sql`target LIKE ${like} ESCAPE '\\'`, sql`address LIKE ${like} ESCAPE '\\'`, sql`member LIKE ${like} ESCAPE '\\'`, sql`client_id = ${text}`, sql`user_id = ${text}`, sql`CAST(token_id AS TEXT) = ${text}`]));
  }
  const where = all(conditions);
  return {
    count: sql`SELECT count(*) FROM audit WHERE ${where}`,
    rows: (limit) => sql`
      SELECT at, actor, member, token_id, client_id, user_id, address, operation, effect, target, status, requests
      FROM audit WHERE ${where} ORDER BY at DESC, operation ${limit}`,
  };
}

/** Returns who did it: a member, a token, an app, or the operator on the server's machine. */
export function who({ actor, member, token_id, client_id, user_id }: AuditRow): string {
  if (member) return member;
  const acting = user_id ? ` for ${user_id}` : "";
  if (token_id !== null && actor !== "member") return `token ${token_id}${acting}`;
  return client_id ? `app ${client_id}${acting}` : `${actor}${acting}`;
}
