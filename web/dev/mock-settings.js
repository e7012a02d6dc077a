// For development only: answers for members, sessions, access, saved queries and the system, in front of a server that has none.

let next = 100;
const hours = (count) => new Date(Date.now() + count * 3_600_000).toISOString().slice(0, 19) + "Z";
const ANA = { id: "1", email: "ana.pereira@example.com", name: "Ana Pereira" };
const members = [
  { ...ANA, role: "administrator", names_hidden: false, created_at: hours(-4000), last_seen_at: hours(-0.1), provider: null },
  { id: "2", email: "lukasz.walesa@example.com", name: "Łukasz Wałęsa", role: "analyst", names_hidden: false, created_at: hours(-900), last_seen_at: hours(-30), provider: "example" },
  { id: "3", email: "sho@example.com", name: "渡邉翔", role: "viewer", names_hidden: true, created_at: hours(-90), last_seen_at: null, provider: null },
];
let sessions = [
  { id: "s1", member: ANA, created_at: hours(-50), last_used_at: hours(-0.05), expires_at: hours(100), address: "192.0.2.7", agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", current: true },
  { id: "s2", member: ANA, created_at: hours(-200), last_used_at: hours(-26), expires_at: hours(20), address: "2001:db8::17", agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1", current: false },
  { id: "s3", member: members[1], created_at: hours(-20), last_used_at: hours(-3), expires_at: hours(90), address: "198.51.100.4", agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", current: false },
];
const tokens = [
  { id: 7, kind: "access", state: "active", created_at: hours(-400), expires_at: hours(1700), last_used_at: hours(-2), client_id: null, user_id: null, scopes: ["rollcall:sql"] },
  { id: 6, kind: "access", state: "active", created_at: hours(-800), expires_at: null, last_used_at: null, client_id: "Zq3hUo2VQ8a0bS7mC1tXyw", user_id: null, scopes: ["all"] },
  { id: 5, kind: "access", state: "expired", created_at: hours(-4000), expires_at: hours(-1800), last_used_at: hours(-1900), client_id: null, user_id: null, scopes: ["dashboard:read:admin", "webinar:read:admin", "report:read:admin", "rollcall:sql"] },
];
const apps = [{ client_id: "Zq3hUo2VQ8a0bS7mC1tXyw", name: "Attendance export", state: "active", created_at: hours(-800), is_public: false, redirect_uris: [], scopes: ["all"] }];
let queries = [{ id: 1, name: "Joins by place", query: "SELECT location, count(*) AS joins\nFROM participants\nGROUP BY 1\nORDER BY joins DESC", created_at: hours(-100) }];
const SYSTEM = {
  version: "0.1.0", intake: "fresh", last_write_seconds_ago: 12, problems: [],
  jobs: [{ name: "sealer", rounds: 120, failures: 0, pending: 3 }, { name: "retention", rounds: 4, failures: 0, pending: null }, { name: "erasure", rounds: 60, failures: 2, pending: 1 }],
  archive: { files: 62, bytes: 48_576_123, minutes: 2_250_000 },
  retention: [{ what: "QoS minutes", setting: "retention.qos_minutes_days", days: 365 }, { what: "participants", setting: "retention.participants_days", days: null }, { what: "audit log", setting: "retention.audit_days", days: 400 }],
  retention_waits: false, pending_erasures: 1,
};

const LISTS = [
  [/^\/api\/v1\/members(?:\/(.+))?$/, () => ({ members }), (body) => (body.email ? { link: `https://rollcall.example/welcome#${"x7Qp".repeat(8)}`, expires_at: hours(168) } : null), (id) => members.splice(members.findIndex((one) => one.id === id), 1)],
  [/^\/api\/v1\/sessions(?:\/(.+))?$/, () => ({ sessions }), null, (id) => (sessions = sessions.filter((one) => one.id !== id))],
  [/^\/api\/v1\/tokens(?:\/(.+))?$/, () => ({ tokens, next: null }), (body) => (tokens.unshift({ id: ++next, kind: "access", state: "active", created_at: hours(0), expires_at: hours(24 * body.days), last_used_at: null, client_id: null, user_id: null, scopes: body.scopes }), { id: next, token: "3f8Kq0b1yq4i5xk1Yp9J6p4b0m2c7w8e9r0t1y2u3i4", expires_at: hours(24 * body.days) }), (id) => (tokens.find((one) => String(one.id) === id).state = "revoked")],
  [/^\/api\/v1\/apps(?:\/(.+))?$/, () => ({ apps }), (body) => (apps.push({ client_id: `app${++next}`, state: "active", created_at: hours(0), ...body }), { account_id: "hUo2VQ8a0bS7mC1tXywZq3", client_id: `app${next}`, client_secret: body.is_public ? null : "3f8Kq0b1yq4i5xk1Yp9J6p4b0m2c7w8e9r0t1y2u3i4" }), (id) => (apps.find((one) => one.client_id === id).state = "revoked")],
  [/^\/api\/v1\/queries(?:\/(.+))?$/, () => ({ queries }), (body) => (queries.push({ id: ++next, created_at: hours(0), ...body }), queries.at(-1)), (id) => (queries = queries.filter((one) => String(one.id) !== id))],
];

const read = async (request) => {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text ? JSON.parse(text) : {};
};

/** Returns status and body if the request is for one of the operations here. */
export async function answerSettings(request) {
  const path = request.url.split("?")[0];
  if (path === "/api/v1/system") return [200, SYSTEM];
  for (const [pattern, list, create, remove] of LISTS) {
    const found = path.match(pattern);
    if (!found) continue;
    if (request.method === "GET") return [200, list()];
    if (request.method === "DELETE") return remove(decodeURIComponent(found[1])), [204];
    const body = await read(request);
    if (request.method === "PATCH") return Object.assign(members.find((one) => one.id === found[1]), body), [204];
    return [201, create(body)];
  }
  return null;
}
