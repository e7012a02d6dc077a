// Signing in through OpenID Connect providers, and approving apps: a real browser, real providers, and the binary.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { launch, watch } from "./browser.js";
import { startProvider } from "./provider.js";
import { freePort, serve } from "./server.js";

const HOSTILE = `<img src=x onerror="document.title='taken'">`;
const SECRET = "the secret of this client";
const people = {
  ana: { email: "ana@example.com", email_verified: true, name: "Ana", groups: ["everyone", "it"] },
  bob: { email: "bob@example.com", email_verified: true, name: HOSTILE, groups: ["everyone"] },
  eve: { email: "eve@example.com", email_verified: true, name: "Eve", groups: ["strangers"] },
};
const partners = { ana: { email: "ana@partner.example", email_verified: true, name: "Ana of the partner", groups: ["everyone"] } };

let url, server, browser, company, partner, app;

before(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const start = (id, people) => startProvider({ clientId: "rollcall", clientSecret: SECRET, redirectUri: `${url}/auth/${id}/callback`, people });
  [company, partner] = [await start("company", people), await start("partner", partners)];
  process.env.ROLLCALL_E2E_SECRET = SECRET;
  const section = (id, name, { issuer }) => `
[[sign_in.providers]]
id = "${id}"
name = "${name}"
issuer = "${issuer}"
client_id = "rollcall"
client_secret_env = "ROLLCALL_E2E_SECRET"
scopes = ["email", "profile", "groups"]
roles = [{ group = "it", role = "administrator" }, { group = "everyone", role = "viewer", hide_names = true }]
admit = true
`;
  server = await serve({ port, settings: section("company", "Company account", company) + section("partner", "Partner", partner) });
  app = createServer((_request, response) => response.end("back at the app"));
  await new Promise((resolve) => app.listen(0, "localhost", resolve));
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await Promise.all([company?.stop(), partner?.stop(), app && new Promise((resolve) => (app.close(resolve), app.closeAllConnections()))]);
});

/** Signs in at a provider that does not know the browser yet. */
async function signIn(page, who, button = "Continue with Company account") {
  await page.getByRole("link", { name: button }).click();
  await page.getByLabel("Who are you?").fill(who);
  await page.getByRole("button", { name: "Continue" }).click();
}

const session = (page) => page.evaluate(async () => (await fetch("/api/v1/session")).json());

test("a person in a group comes in with its role, and comes in again without typing", async () => {
  const context = await browser.newContext();
  const page = await watch(context);
  await page.goto(`${url}/meetings?last=all`);
  await page.waitForURL(/\/signin\?next=/);
  await signIn(page, "ana");
  await page.waitForURL(`${url}/meetings?last=all`);
  const { role, member } = await session(page);
  assert.deepEqual([role, member.email, member.name], ["administrator", "ana@example.com", "Ana"]);
  const cookies = (await context.cookies(url)).filter(({ name }) => name.startsWith("rollcall"));
  assert.deepEqual(cookies.map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite]), [["rollcall", true, "Lax"]]);
  await page.goto(`${url}/settings/members`);
  await page.getByRole("cell", { name: "company" }).waitFor();

  await page.getByRole("button", { name: "Account and settings" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("link", { name: "Continue with Company account" }).click();
  await page.waitForURL(/127.*\/now/);
  assert.deepEqual((await session(page)).member, member);
  await context.close();
});

test("a lost group ends access everywhere", async () => {
  const elsewhere = await watch(await browser.newContext());
  await elsewhere.goto(`${url}/signin`);
  await signIn(elsewhere, "bob");
  await elsewhere.waitForURL(/127.*\/now/);
  assert.deepEqual([(await session(elsewhere)).role, (await session(elsewhere)).names_hidden], ["viewer", true]);
  people.bob.groups = [];
  const page = await watch(await browser.newContext());
  await page.goto(`${url}/signin`);
  await signIn(page, "bob");
  await page.getByText("none of the groups").waitFor();
  await elsewhere.goto(`${url}/now`);
  await elsewhere.waitForURL(/\/signin/);
  people.bob.groups = ["everyone"];
  await page.getByRole("link", { name: "Back to the sign-in page" }).click();
  await page.getByRole("link", { name: "Continue with Company account" }).click();
  await page.waitForURL(/127.*\/now/);
  // A name that is a script is text.
  await page.getByRole("button", { name: "Account and settings" }).click();
  await page.getByText("<img src=x").first().waitFor();
  assert.notEqual(await page.title(), "taken");
  await Promise.all([page.context().close(), elsewhere.context().close()]);
});

test("who is in no group does not come in", async () => {
  const page = await watch(await browser.newContext());
  await page.goto(`${url}/signin`);
  await signIn(page, "eve");
  await page.getByText("none of the groups").waitFor();
  assert.equal((await page.request.get(`${url}/api/v1/session`)).status(), 401);
  await page.context().close();
});

test("the same id at another provider is another person", async () => {
  const page = await watch(await browser.newContext());
  await page.goto(`${url}/signin`);
  await signIn(page, "ana", "Continue with Partner");
  await page.waitForURL(/127.*\/now/);
  const { member, role } = await session(page);
  assert.deepEqual([member.email, role], ["ana@partner.example", "viewer"]);
  await page.context().close();
});

test("an answer works once, in the browser that asked, and at the address of its provider", async () => {
  const context = await browser.newContext();
  const page = await watch(context);
  company.control.hold = true;
  await page.goto(`${url}/signin`);
  await signIn(page, "ana");
  await page.getByText("held").waitFor();
  company.control.hold = false;
  const back = company.control.held;
  assert.ok(back.startsWith(`${url}/auth/company/callback?`), back);
  assert.equal(new URL(back).searchParams.get("iss"), company.issuer, "the provider names itself");

  const refused = async (page, address) => {
    await page.goto(address);
    await page.getByText("You are not signed in").waitFor();
    assert.equal((await page.request.get(`${url}/api/v1/session`)).status(), 401);
  };
  const tokens = () => [...company.asked, ...partner.asked].filter((path) => path === "/token").length;
  const before = tokens();
  await refused(page, back.replace("/auth/company/", "/auth/partner/"));
  await refused(page, back.replace(/state=[^&]+/, "state=forged"));
  const thief = await watch(await browser.newContext());
  await refused(thief, back);
  await refused(page, back.replace(encodeURIComponent(company.issuer), encodeURIComponent(partner.issuer)));
  assert.equal(tokens(), before, "no code left this server");
  // That was an answer to this attempt, so the attempt is over.
  await refused(page, back);

  await page.goto(`${url}/signin`);
  await page.getByRole("link", { name: "Continue with Company account" }).click();
  await page.waitForURL(/127.*\/now/);
  await context.clearCookies({ name: "rollcall" });
  await refused(page, company.control.held);
  await Promise.all([context.close(), thief.context().close()]);
});

test("an administrator approves an app in the browser that it opened", async () => {
  const home = `http://localhost:${app.address().port}/oauth`;
  const printed = server.run("app", "create", "--name", "Team dashboard", "--scopes", "user:read:admin", "--redirect-uri", home);
  const clientId = printed.match(/client_id[=: ]+(\S+)/)[1];
  const link = `${url}/oauth/authorize?${new URLSearchParams({ response_type: "code", client_id: clientId, redirect_uri: home, state: "xyz" })}`;
  const context = await browser.newContext();
  const page = await watch(context);
  const ask = async () => {
    await page.goto(home);
    await page.evaluate((link) => (location.href = link), link);
    await page.getByText("Team dashboard asks for access").waitFor();
  };
  await ask();
  await page.getByRole("link", { name: "Sign in as an administrator" }).click();
  await signIn(page, "ana");
  await page.getByRole("button", { name: "Approve" }).click();
  await page.getByText("back at the app").waitFor();
  const { searchParams } = new URL(page.url());
  assert.ok(searchParams.get("code") && searchParams.get("state") === "xyz", page.url());

  await ask();
  await page.getByRole("button", { name: "Deny" }).click();
  await page.getByText("back at the app").waitFor();
  assert.equal(new URL(page.url()).searchParams.get("error"), "access_denied");
  const rows = await server.sql("SELECT member, operation FROM audit WHERE target = 'app' AND actor = 'member' ORDER BY operation");
  assert.deepEqual(rows, [["ana@example.com", "approveApp"], ["ana@example.com", "denyApp"]]);
  assert.deepEqual(page.complaints.filter((text) => !/40[13]/.test(text)), []);
  await context.close();
});
