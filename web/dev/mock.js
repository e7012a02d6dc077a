// For development only: answers for sessions and live events, in front of a server that has neither.

import { answerSettings } from "./mock-settings.js";

const ROLE = process.env.ROLE ?? "administrator";
const session = {
  member: { id: "1", email: "ana.pereira@example.com", name: "Ana Pereira" },
  account: { id: "1", name: "Example Company" },
  role: ROLE,
  names_hidden: ROLE === "viewer",
  demo: process.env.DEMO !== "no",
  expires_at: "2027-01-01T00:00:00Z",
  scopes: ["rollcall:sql"],
  version: "0.1.0",
};
let signedIn = process.env.SIGNED_IN !== "no";

const LIVE = `SELECT i.uuid, i.kind, i.meeting_id, i.topic, i.host, i.start_time,
  (SELECT count(*) FROM participants p WHERE p.instance_uuid = i.uuid AND p.leave_time IS NULL) AS people
  FROM instances i WHERE state = 'live' ORDER BY people DESC`;
const TROUBLE = `SELECT instance_uuid, (unixepoch('now') - unixepoch(date_time)) / 60 AS ago, count(*) AS n,
  sum(audio_label IN ('poor','bad') OR video_label IN ('poor','bad') OR screen_share_label IN ('poor','bad')) AS poor
  FROM qos_minutes WHERE date_time >= strftime('%Y-%m-%dT%H:%M:%SZ','now','-31 minutes') GROUP BY 1, 2`;

async function live(ask) {
  const [instances, minutes] = [await ask(LIVE), await ask(TROUBLE)];
  return {
    at: new Date().toISOString(),
    instances: instances.map(([uuid, kind, meeting_id, topic, host, start_time, people]) => {
      const own = minutes.filter(([id]) => id === uuid);
      const latest = own.filter(([, ago]) => ago >= 1).sort((a, b) => a[1] - b[1])[0];
      const trouble = Array.from({ length: 30 }, (_, at) => {
        const found = own.find(([, ago]) => ago === 30 - at);
        return found ? found[3] / found[2] : null;
      });
      return { uuid, kind, meeting_id, topic, host, start_time, people, measured: latest?.[2] ?? 0, poor: latest?.[3] ?? 0, worst: latest?.[3] ? ["Łukasz Wałęsa"] : [], trouble };
    }),
  };
}

const json = (response, status, body) => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(body === undefined ? undefined : JSON.stringify(body));
  return true;
};

/** Answers if the request is for one of the operations here. */
export async function answer(request, response, ask) {
  const path = request.url.split("?")[0];
  if (path === "/api/v1/sign-in") return json(response, 200, { demo: process.env.DEMO !== "no", password: true, providers: [{ id: "example", name: "Example ID" }], first_start: false });
  if (path === "/api/v1/session/demo") signedIn = true;
  if (path.startsWith("/api/v1/session") && path !== "/api/v1/sessions") {
    if (request.method === "DELETE") signedIn = false;
    if (request.method === "POST") signedIn = true;
    if (request.method === "DELETE" || request.method === "PUT") return json(response, 204);
    return signedIn ? json(response, request.method === "POST" ? 201 : 200, session) : json(response, 401, { message: "Nobody is signed in." });
  }
  if (path.startsWith("/api/v1/invitations/")) {
    if (request.method === "POST") return json(response, 201, session);
    return json(response, 200, { email: "new.person@example.com", role: "analyst", account: { name: "Example Company" }, expires_at: "2026-12-07T00:00:00Z" });
  }
  const settings = process.env.SETTINGS === "server" ? null : await answerSettings(request);
  if (settings) return json(response, ...settings);
  if (path !== "/api/v1/live" || process.env.LIVE === "server") return false;
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  const send = async () => response.write(`event: live\ndata: ${JSON.stringify(await live(ask))}\n\n`);
  await send();
  const timer = setInterval(() => void send().catch(() => {}), 2000);
  response.on("close", () => clearInterval(timer));
  return true;
}
