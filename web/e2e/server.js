// A server of a test's own, with data of its own: ROLLCALL_BIN is the binary.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const BIN = process.env.ROLLCALL_BIN;
if (!BIN) throw new Error("ROLLCALL_BIN is not set: it is the path of the binary");
/** How long a busy machine may take to start a server, in milliseconds. */
const PATIENCE = 180_000;

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
      // The demo prints its command last, other servers the link of the first administrator.
      if (lines.some((line) => line.startsWith(options.includes("--demo") ? "try: " : "first administrator"))) {
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
    /** Invites a member and returns the link. */
    invite(email, ...options) {
      const [link] = run("member", "invite", email, ...options).match(/https?:\S+/);
      // The command knows the configured address, the test's server has another port.
      return url + link.slice(new URL(link).origin.length);
    },
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
