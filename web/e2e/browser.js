// A browser in front of a running server: DASHBOARD_URL, with DASHBOARD_TOKEN for questions in SQL to compare with.
import { chromium } from "playwright-core";

export const BASE = process.env.DASHBOARD_URL ?? "http://127.0.0.1:8080";
const TOKEN = process.env.DASHBOARD_TOKEN;
const BROWSER = process.env.CHROMIUM ?? "/usr/bin/chromium";
const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const PATIENCE = 30_000;

export const launch = () => chromium.launch({ executablePath: BROWSER, args: QUIET });

/** Asks the server in SQL, past the dashboard. Returns the rows. */
export async function ask(query, values = []) {
  const headers = { "content-type": "application/json", ...(TOKEN ? { authorization: `Bearer ${TOKEN}` } : {}) };
  const response = await fetch(`${BASE}/api/v1/sql`, { method: "POST", headers, body: JSON.stringify({ query, values }) });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message);
  return answer.rows;
}

/** A page that records what it requests, and what the browser complains about. */
export async function open(browser, path, { before, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, timezoneId: "Europe/Paris", ...options });
  const page = await watch(context);
  await before?.(page);
  await page.goto(BASE + path);
  return page;
}

/** A new page of a context, which records the same. */
export async function watch(context) {
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.requested = [];
  page.complaints = [];
  page.on("request", (request) => page.requested.push(request.url()));
  page.on("pageerror", (error) => page.complaints.push(error.message));
  page.on("console", (message) => message.type() === "error" && page.complaints.push(message.text()));
  return page;
}

/** Answers an operation in the server's place. */
export const reply = (page, path, status, body) =>
  page.route(`**${path}`, (route) => route.fulfill({ status, contentType: "application/json", body: body === undefined ? "" : JSON.stringify(body) }));

export const SESSION = {
  member: { id: 1, email: "ana@example.com", name: "Ana" },
  account: { id: "1", name: "Example" },
  role: "viewer",
  names_hidden: false,
  demo: false,
  expires_at: "2099-01-01T00:00:00Z",
  scopes: ["rollcall:sql"],
  version: "0",
};
