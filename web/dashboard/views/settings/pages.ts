/** The pages of settings by the last part of their address. */
import type { Component } from "svelte";
import type { Role } from "../../../api/pending";

export interface SettingsPage {
  label: string;
  /** The least role that may open it. */
  role: Role;
  load: () => Promise<{ default: Component<Record<string, never>> }>;
}

export const PAGES: Record<string, SettingsPage> = {
  connect: { label: "Connect data", role: "viewer", load: () => import("../start/Start.svelte") },
};
