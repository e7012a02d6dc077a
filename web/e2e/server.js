// A server of a test's own, with data of its own: ROLLCALL_BIN is the binary.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const BIN = process.env.ROLLCALL_BIN;
if (!BIN) throw new Error("ROLLCALL_BIN is not set: it is the path of the binary");
/** How long a busy machine may take to start a server, in milliseconds. */
const PATIENCE = 180_000;

/** Starts a server with a new account that has no members. */
export async function serve() {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-dashboard-"));
  const run = (...args) => execFileSync(BIN, ["--data", join(folder, "data"), ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  run("account", "create", "acme", "--new");
  const child = spawn(BIN, ["--data", join(folder, "data"), "serve", "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "ignore"] });
  let printed = "";
  await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the server did not start: ${printed}`)), PATIENCE);
    child.on("exit", (code) => reject(new Error(`the server ended with ${code}: ${printed}`)));
    child.stdout.on("data", (text) => {
      printed += text;
      // The last line of a start.
      if (/^first administrator.*\n/m.test(printed)) {
        clearTimeout(timer);
        resolve();
      }
    });
  });
  const url = printed.match(/^listening on (.*)$/m)[1];
  const token = run("token", "create", "--scopes", "all");
  const post = async (path, contentType, body) => {
    const response = await fetch(url + path, { method: "POST", headers: { authorization: `Bearer ${token}`, "content-type": contentType }, body });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  return {
    url,
    printed,
    /** Invites a member and returns the link. */
    invite(email, ...options) {
      const [link] = run("member", "invite", email, ...options).match(/https?:\S+/);
      // The command knows the configured address, the test's server has another port.
      return url + link.slice(new URL(link).origin.length);
    },
    /** Stores a participant. */
    ingest: (line) => post("/ingest/v1/participants", "application/x-ndjson", `${JSON.stringify(line)}\n`),
    sql: async (query) => (await post("/api/v1/sql", "application/json", JSON.stringify({ query }))).rows,
    async stop() {
      child.removeAllListeners("exit");
      const ended = new Promise((resolve) => child.on("exit", resolve));
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
