/** The roles of members, and the scopes of tokens, in words. */
import type { Role } from "../../../api/types";

export const ROLES: Record<Role, { name: string; may: string }> = {
  viewer: { name: "Viewer", may: "Reads meetings, quality, webinars and codes. Names can be hidden." },
  analyst: { name: "Analyst", may: "Also exports, saves queries, and reads the audit log and the state of the system." },
  administrator: { name: "Administrator", may: "Also changes members, tokens, codes and persons, and erases people." },
};

/** Scopes that programs ask for most, the narrowest first. */
export const SCOPES: [string, string][] = [
  ["rollcall:sql:anonymous", "SQL without names, addresses and devices"],
  ["rollcall:sql", "SQL, names included"],
  ["persons:read", "Attendance by person"],
  ["dashboard:read:admin", "Zoom’s dashboards: participants and quality"],
  ["report:read:admin", "Zoom’s reports"],
  ["meeting:admin_config_read", "Webex tracking codes"],
  ["ingest:write", "Send attendance and quality"],
];

/** Returns scopes from text: separated by spaces, commas or lines. */
export const scopesOf = (text: string) => [...new Set(text.split(/[\s,]+/).filter(Boolean))];
