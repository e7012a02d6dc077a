/** The views by their names. Each is loaded when it is first shown. */
import type { Component } from "svelte";
import type { ViewName } from "../lib/routes";

export interface ViewModule {
  default: Component<{ id: string }> | Component<Record<string, never>>;
}

export const VIEWS: Partial<Record<ViewName, () => Promise<ViewModule>>> = {
  now: () => import("./now/Now.svelte"),
  meetings: () => import("./meetings/Meetings.svelte"),
  meeting: () => import("./meeting/Meeting.svelte"),
  people: () => import("./people/People.svelte"),
  person: () => import("./person/Person.svelte"),
  settings: () => import("./settings/Settings.svelte"),
  quality: () => import("./quality/Quality.svelte"),
  webinars: () => import("./webinars/Webinars.svelte"),
  webinar: () => import("./webinar/Webinar.svelte"),
  codes: () => import("./codes/Codes.svelte"),
  sql: () => import("./sql/Sql.svelte"),
  signin: () => import("./signin/SignIn.svelte"),
  welcome: () => import("./welcome/Welcome.svelte"),
};

/** The line of navigation. */
export const NAVIGATION: { label: string; path: string; key: string; views: ViewName[] }[] = [
  { label: "Now", path: "/now", key: "n", views: ["now"] },
  { label: "Meetings", path: "/meetings", key: "m", views: ["meetings", "meeting", "people", "person"] },
  { label: "Quality", path: "/quality", key: "q", views: ["quality"] },
  { label: "Webinars", path: "/webinars", key: "w", views: ["webinars", "webinar"] },
  { label: "Codes", path: "/codes", key: "c", views: ["codes"] },
  { label: "SQL", path: "/sql", key: "s", views: ["sql"] },
  { label: "Reference", path: "/reference", key: "r", views: [] },
];
