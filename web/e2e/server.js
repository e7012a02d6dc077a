// The real server with data of its own, and a browser, for tests: ROLLCALL_BIN is the binary.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const BIN = process.env.ROLLCALL_BIN;
if (!BIN) throw new Error("ROLLCALL_BIN is not set: run `make dashboard`");
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
/** Chromium looks for its maker's hosts unless it is asked not to. */
const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
/** How long a busy machine may take to start a server, in milliseconds. */
const PATIENCE = 180_000;

export const openBrowser = () => chromium.launch({ executablePath: CHROMIUM, args: QUIET });

/** Starts a server on a new data folder. `prepare` gets a function that runs commands before it starts. */
export async function serve(options = [], prepare = () => {}) {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-dashboard-"));
  const run = (...args) => execFileSync(BIN, ["--data", join(folder, "data"), ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  prepare(run);
  const child = spawn(BIN, ["--data", join(folder, "data"), "serve", "--listen", "127.0.0.1:0", ...options], { stdio: ["ignore", "pipe", "ignore"] });
  const lines = [];
  const started = new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the server did not start: ${lines.join("\n")}`)), PATIENCE);
    child.on("exit", (code) => reject(new Error(`the server ended with ${code}: ${lines.join("\n")}`)));
    child.stdout.on("data", (text) => {
      lines.push(...String(text).split("\n"));
      // The demo prints its command last, other servers the reference's address.
      if (lines.some((line) => line.startsWith(options.includes("--demo") ? "try: " : "reference: "))) {
        clearTimeout(timer);
        resolve();
      }
    });
  });
  await started;
  const url = lines.find((line) => line.startsWith("listening on ")).slice("listening on ".length);
  const token = run("token", "create", "--scopes", "all");
  return {
    url,
    lines,
    run,
    token,
    async request(path, body, headers = {}) {
      const response = await fetch(url + path, {
        method: body === undefined ? "GET" : "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
        body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body),
      });
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return response.json();
    },
    async sql(query, ...values) {
      return (await this.request("/api/v1/sql", { query, values })).rows;
    },
    async stop() {
      child.removeAllListeners("exit");
      const ended = new Promise((resolve) => child.on("exit", resolve));
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A page that collects what must not happen: errors, refused content, and requests to other hosts. */
export async function watch(context, url) {
  const page = await context.newPage();
  page.problems = [];
  page.setDefaultTimeout(30_000);
  page.on("console", (message) => message.type() === "error" && page.problems.push(message.text()));
  page.on("pageerror", (error) => page.problems.push(String(error)));
  page.on("request", (request) => {
    const asked = new URL(request.url());
    if (asked.protocol.startsWith("http") && asked.origin !== url) page.problems.push(`a request left the host: ${request.url()}`);
  });
  return page;
}
