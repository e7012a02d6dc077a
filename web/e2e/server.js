// A server of a test's own, with data of its own: ROLLCALL_BIN is the binary.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const BIN = process.env.ROLLCALL_BIN;
if (!BIN) throw new Error("ROLLCALL_BIN is not set: it is the path of the binary");
/** How long a busy machine may take to start a server, in milliseconds. */
const PATIENCE = 180_000;

/** Returns a port that nobody listens on. */
export const freePort = () =>
  new Promise((resolve, reject) => {
    const listener = createServer().on("error", reject);
    listener.listen(0, "127.0.0.1", () => {
      const { port } = listener.address();
      listener.close(() => resolve(port));
    });
  });

/** Starts a server with a new account that has no members. `settings` is the text of its config file, `port` its port. */
export async function serve({ settings = "", port = 0 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-dashboard-"));
  const config = join(folder, "rollcall.toml");
  writeFileSync(config, settings);
  const run = (...args) => execFileSync(BIN, ["--config", config, "--data", join(folder, "data"), ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  run("account", "create", "acme", "--new");
  const child = spawn(BIN, ["--config", config, "--data", join(folder, "data"), "serve", "--listen", `127.0.0.1:${port}`], { stdio: ["ignore", "pipe", "ignore"] });
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
    token,
    run,
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
