// Signing in, roles and what others may try: with a real browser against a server of its own.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, watch } from "./browser.js";
import { serve } from "./server.js";

const HOSTILE = `<img src=x onerror="document.title='taken'"><script>document.title='taken'</script>`;
const UUID = "gm8s9L+PTEC/FG3sFbd1Cw==";
const PASSWORD = "correct horse battery";

let server, browser, first;

before(async () => {
  server = await serve();
  first = server.printed.match(/https?:\/\/\S+\/welcome#\S+/)?.[0];
  const at = new Date(Date.now() - 3_600_000).toISOString().replace(/\.\d+/, "");
  const line = { instance_uuid: UUID, meeting_id: 123, state: "past", topic: HOSTILE, user_id: "1", user_name: `Eve ${HOSTILE}`, email: "eve@example.com", location: HOSTILE, device: HOSTILE, join_time: at };
  await server.ingest(line);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function signIn(page, password = PASSWORD) {
  await page.getByLabel("Email").fill("ana@example.com");
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

async function join(link, name, email) {
  const context = await browser.newContext();
  const page = await watch(context);
  await page.goto(link);
  await page.getByLabel("Name").fill(name);
  if (await page.getByLabel("Email").isEditable()) await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.waitForURL(/\/now/);
  return { context, page };
}

test("the link of the first start makes the administrator, once", async () => {
  assert.ok(first, server.printed);
  const { context, page } = await join(first, "Ana", "ana@example.com");
  assert.ok(!page.url().includes("#"), "the code leaves the address");
  const again = await watch(await browser.newContext());
  await again.goto(first);
  await again.getByText(/has been used/).waitFor();
  await again.context().close();
  await context.close();
});

test("signing in leads to the page that was asked for, and never to another site", async () => {
  const context = await browser.newContext();
  const page = await watch(context);
  await page.goto(`${server.url}/meetings?last=all`);
  await page.waitForURL(/\/signin\?next=/);
  await signIn(page, "wrong password!");
  await page.getByRole("alert").waitFor();
  await signIn(page);
  await page.waitForURL(`${server.url}/meetings?last=all`);
  const [cookie] = (await context.cookies()).filter(({ name }) => name.includes("rollcall"));
  assert.ok(cookie.httpOnly && cookie.sameSite === "Lax", JSON.stringify(cookie));
  await context.clearCookies();
  for (const next of ["//evil.example", "https://evil.example/", "/\\evil.example"]) {
    await page.goto(`${server.url}/signin?next=${encodeURIComponent(next)}`);
    await signIn(page);
    await page.waitForURL(/\/now/);
    assert.equal(new URL(page.url()).origin, server.url);
    await context.clearCookies();
  }
  await context.close();
});

test("a cookie is worth nothing after its member has signed out", async () => {
  const context = await browser.newContext();
  const page = await watch(context);
  await page.goto(`${server.url}/signin`);
  await signIn(page);
  await page.waitForURL(/\/now/);
  const leaked = await context.cookies();
  await page.getByRole("button", { name: "Account and settings" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.waitForURL(/\/signin/);
  const thief = await browser.newContext();
  await thief.addCookies(leaked);
  const stolen = await watch(thief);
  await stolen.goto(`${server.url}/now`);
  await stolen.waitForURL(/\/signin/);
  await thief.close();
  await context.close();
});

test("names that are scripts are shown as text in every view", async () => {
  const link = server.invite("bo@example.com", "--role", "analyst");
  const { context, page } = await join(link, "Bo", "bo@example.com");
  const [[person]] = await server.sql("SELECT person FROM persons LIMIT 1");
  for (const path of ["/now", "/meetings?last=all", `/meetings/${encodeURIComponent(UUID)}`, `/meetings/${encodeURIComponent(UUID)}?style=table`, "/people?last=all", `/people/${encodeURIComponent(person)}`, "/quality?last=all", "/webinars?last=all", "/codes?last=all"]) {
    await page.goto(server.url + path);
    await page.getByRole("heading", { level: 1 }).first().waitFor();
    await page.waitForLoadState("networkidle", { timeout: 2_000 }).catch(() => {});
    assert.notEqual(await page.title(), "taken", path);
    assert.equal(await page.locator("main img, main script").count(), 0, path);
  }
  await page.goto(`${server.url}/meetings?last=all`);
  await page.getByText("<img src=x onerror=").first().waitFor();
  assert.deepEqual(page.complaints.filter((text) => !text.includes("401")), []);
  await context.close();
});

test("a viewer without names sees the meeting and nobody's name", async () => {
  const link = server.invite("vi@example.com", "--role", "viewer", "--hide-names");
  const { context, page } = await join(link, "Vi", "vi@example.com");
  await page.goto(`${server.url}/meetings/${encodeURIComponent(UUID)}?style=table`);
  await page.getByText("Name hidden").first().waitFor();
  const seen = await page.content();
  assert.ok(!seen.includes("eve@example.com") && !seen.includes("Eve "), "a name is in the page");
  // What the role lacks is said, and by whom it can be done.
  await page.goto(`${server.url}/settings/members`);
  await page.getByText(/administrator/i).first().waitFor();
  const refused = await page.evaluate(async () => (await fetch("/api/v1/members")).status);
  assert.equal(refused, 403);
  await context.close();
});

test("another site cannot act with a member's cookie", async () => {
  const context = await browser.newContext();
  const page = await watch(context);
  await page.goto(`${server.url}/signin`);
  await signIn(page);
  await page.waitForURL(/\/now/);
  const cookies = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  const post = (headers) => fetch(`${server.url}/api/v1/members`, { method: "POST", headers: { cookie: cookies, "content-type": "application/json", ...headers }, body: JSON.stringify({ email: "x@example.com", role: "administrator" }) });
  for (const headers of [{}, { origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }, { "sec-fetch-site": "same-site", origin: "https://evil.example" }]) {
    assert.equal((await post(headers)).status, 403, JSON.stringify(headers));
  }
  assert.equal((await post({ "sec-fetch-site": "same-origin" })).status, 201);
  await context.close();
});
