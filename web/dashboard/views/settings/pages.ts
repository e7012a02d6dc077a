/** The pages of settings by the last part of their address. */
import type { Component } from "svelte";
import type { Role } from "../../../api/types";

export interface SettingsPage {
  label: string;
  /** The least role that may open it. */
  role: Role;
  load: () => Promise<{ default: Component<Record<string, never>> }>;
}

export const PAGES: Record<string, SettingsPage> = {
  connect: { label: "Connect data", role: "viewer", load: () => import("../start/Start.svelte") },
  connections: { label: "Connections", role: "analyst", load: () => import("./Connections.svelte") },
  members: { label: "Members", role: "administrator", load: () => import("./Members.svelte") },
  sessions: { label: "Sessions", role: "viewer", load: () => import("./Sessions.svelte") },
  subscriptions: { label: "Subscriptions", role: "viewer", load: () => import("./Subscriptions.svelte") },
  access: { label: "Tokens and apps", role: "administrator", load: () => import("./Access.svelte") },
  audit: { label: "Audit", role: "analyst", load: () => import("./Audit.svelte") },
  system: { label: "System", role: "analyst", load: () => import("./System.svelte") },
  erase: { label: "Erase a person", role: "administrator", load: () => import("./Erase.svelte") },
  account: { label: "Your account", role: "viewer", load: () => import("./Account.svelte") },
};
