// Collecting from another server, as from a vendor: a connection is made in the browser, fills, and names what is missing.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import AxeBuilder from "@axe-core/playwright";
import { launch, watch } from "./browser.js";
import { serve } from "./server.js";

const PASSWORD = "correct horse battery";
const SECRET_IN_PAGE = /type to replace it/;
/** All scopes that collecting needs, except the one for quality. */
const MISSING = "dashboard:read:list_meeting_participants_qos:admin";

let vendor, server, browser, app, instances;

before(async () => {
  [vendor, server] = await Promise.all([serve(), serve({ settings: "[collect]\nprivate_addresses = true\n" })]);
  vendor.run("sim", "--seed", "7", "--people", "12", "--days", "3", "--meetings-per-day", "2", "--webinars-per-week", "0", "--into-existing");
  [[instances]] = await vendor.sql("SELECT count(*) FROM instances WHERE state = 'past'");
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await Promise.all([vendor?.stop(), server?.stop()]);
});

async function join(link, email) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await watch(context);
  await page.goto(link);
  await page.getByLabel("Name").fill("Somebody");
  if (await page.getByLabel("Email").isEditable()) await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.waitForURL(/\/now/);
  return page;
}

/** Findings of axe, and how much too wide the page is: on a screen, in the dark, and on a phone. */
async function findings(page, path) {
  const found = [];
  for (const [colorScheme, width] of [["light", 1280], ["dark", 1280], ["light", 360]]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    const { violations } = await new AxeBuilder({ page }).analyze();
    found.push(...violations.map(({ id, nodes }) => `${path} ${colorScheme} ${width}: ${id} ${nodes[0].target}`));
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wider > 0) found.push(`${path} ${width}: ${wider} px too wide`);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 900 });
  return found;
}

test("an administrator connects, watches it fill, and sees what is missing", async () => {
  const page = await join(server.printed.match(/https?:\/\/\S+\/welcome#\S+/)[0], "ana@example.com");
  await page.goto(`${server.url}/settings/connections`);
  await page.getByText("Nothing is connected").waitFor();
  const found = await findings(page, "empty");

  // The first page of an empty installation offers it first.
  await page.goto(`${server.url}/settings/connect`);
  assert.equal(await page.getByRole("heading", { level: 2 }).first().textContent(), "Connect Zoom or Webex");
  await page.getByRole("link", { name: "Connect Zoom" }).click();
  const dialog = page.getByRole("dialog", { name: "Connect Zoom" });
  await dialog.getByText(/Scopes that the app needs/).click();
  const scopes = await dialog.locator("li code").allTextContents();
  assert.ok(scopes.includes(MISSING) && scopes.length > 20, scopes.join(" "));
  found.push(...(await findings(page, "form")));

  const response = await fetch(`${vendor.url}/api/v1/apps`, {
    method: "POST",
    headers: { authorization: `Bearer ${vendor.token}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "Collector", scopes: scopes.filter((scope) => scope !== MISSING) }),
  });
  app = await response.json();
  assert.ok(response.ok, JSON.stringify(app));
  await dialog.getByLabel("Account id").fill(app.account_id);
  await dialog.getByLabel("Client id").fill(app.client_id);
  await dialog.getByLabel("Client secret").fill(app.client_secret);
  await dialog.getByText("More", { exact: true }).click();
  await dialog.getByLabel(/Address of the server/).fill("http://10.0.0.1");
  await dialog.getByRole("button", { name: "Connect" }).click();
  await dialog.getByRole("alert").getByText(/https/).waitFor();
  await dialog.getByLabel(/Address of the server/).fill(vendor.url);
  await dialog.getByLabel(/Plan at/).selectOption("none");
  await dialog.getByLabel(/Days to reach back/).fill("30");
  await dialog.getByRole("button", { name: "Connect" }).click();

  await page.getByText("Zoom is connected. Collecting starts within seconds.").waitFor();
  await page.getByRole("progressbar").waitFor({ timeout: 60_000 });
  await page.getByText("Up to date").waitFor({ timeout: 120_000 });
  const [[collected]] = await server.sql("SELECT count(*) FROM instances WHERE state = 'past'");
  assert.equal(collected, instances);
  assert.ok(!(await page.content()).includes(app.client_secret), "the secret is in the page");
  found.push(...(await findings(page, "connected")));

  await page.getByRole("link", { name: /gap/ }).click();
  await page.waitForURL(/\/settings\/system#gaps/);
  const gaps = page.getByRole("region", { name: "Gaps" });
  const group = gaps.locator("details", { hasText: MISSING });
  await group.getByText("The app lacks a scope").click();
  await group.getByText("/v2/metrics/meetings/{meetingId}/participants/qos").waitFor();
  found.push(...(await findings(page, "system")));
  const download = page.waitForEvent("download");
  await gaps.getByRole("button", { name: "CSV" }).click();
  assert.equal((await download).suggestedFilename(), "gaps.csv");
  assert.deepEqual(found, []);

  // With the keyboard alone: pause, then change the name.
  await page.goto(`${server.url}/settings/connections`);
  await page.getByRole("button", { name: "Pause main" }).press("Enter");
  await page.getByText("Paused", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Edit main" }).press("Enter");
  await page.getByPlaceholder(SECRET_IN_PAGE).waitFor();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("renamed");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "renamed" }).waitFor();
  await page.getByRole("button", { name: "Run now renamed" }).press("Enter");
  await page.getByText(/renamed starts within seconds/).waitFor();
  await page.getByText("Paused", { exact: true }).waitFor({ timeout: 60_000 });
  assert.deepEqual(page.complaints.filter((text) => !/40[01]/.test(text)), []);
  await page.context().close();
});

test("analysts read connections, and viewers read who may", async () => {
  const analyst = await join(server.invite("bo@example.com", "--role", "analyst"), "bo@example.com");
  await analyst.goto(`${server.url}/settings/connections`);
  await analyst.getByRole("heading", { name: "renamed" }).waitFor();
  for (const name of [/Connect/, /Run now/, /Edit/, /Delete/, /Pause|Resume/]) assert.equal(await analyst.getByRole("button", { name }).count(), 0, String(name));
  await analyst.context().close();
  const viewer = await join(server.invite("vi@example.com", "--role", "viewer"), "vi@example.com");
  await viewer.goto(`${server.url}/settings/connections`);
  await viewer.getByText("Your role does not include this page").waitFor();
  await viewer.context().close();
});

test("a connection is deleted after a question, and its data stay", async () => {
  const page = await watch(await browser.newContext());
  await page.goto(`${server.url}/signin`);
  await page.getByLabel("Email").fill("ana@example.com");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(/\/now/);
  await page.goto(`${server.url}/settings/connections`);
  await page.getByRole("button", { name: "Delete renamed" }).click();
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { name: "renamed" }).waitFor();
  await page.getByRole("button", { name: "Delete renamed" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("Nothing is connected").waitFor();
  const [[collected]] = await server.sql("SELECT count(*) FROM instances WHERE state = 'past'");
  assert.equal(collected, instances);
  await page.context().close();
});
