// Views by mail: the dialog of a view and the page of subscriptions, against a server of its own and in each of their states.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import AxeBuilder from "@axe-core/playwright";
import { launch, open, reply, SESSION, watch } from "./browser.js";
import { freePort, serve } from "./server.js";

const PASSWORD = "correct horse battery";
const SUBSCRIPTION = {
  id: 1,
  name: "Quality, last 7 days",
  member: { id: 1, email: "ana@example.com", name: "Ana" },
  saved_query_id: null,
  query: "SELECT 1",
  values: [],
  view: "/quality?last=7d",
  every: "week",
  weekday: "monday",
  hour: 8,
  time_zone: "Europe/Paris",
  created_at: "2026-11-01T09:00:00Z",
  next_at: "2026-12-07T07:00:00Z",
  last_sent_at: "2026-11-30T07:00:00Z",
  problem: null,
  paused: null,
};
const PAUSED = { ...SUBSCRIPTION, id: 2, name: "<img src=x onerror=alert(1)>", member: null, next_at: null, paused: "failing", problem: "the mail server: permanent error (550): 5.1.1 no such user" };

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** A member, also in front of a demo. */
async function signedIn(page, session = {}) {
  await reply(page, "/api/v1/sign-in", 200, { demo: false, password: true, providers: [], first_start: false });
  await reply(page, "/api/v1/session", 200, { ...SESSION, ...session });
}

/** The page of subscriptions, with this answer of the server. */
const page = (answer, session = {}, options = {}) =>
  open(browser, "/settings/subscriptions", {
    ...options,
    before: async (page) => {
      await signedIn(page, session);
      await reply(page, "/api/v1/subscriptions", 200, answer);
    },
  });

test("axe finds nothing on the page and in its dialogs, in both themes and on narrow screens", async () => {
  const found = [];
  for (const colorScheme of ["light", "dark"]) {
    for (const viewport of [{ width: 1280, height: 800 }, { width: 360, height: 740 }]) {
      const one = await page({ mail_from: "Rollcall <rollcall@example.com>", subscriptions: [SUBSCRIPTION, PAUSED] }, { role: "administrator" }, { colorScheme, viewport });
      await one.getByText("Three mails in a row failed.").waitFor();
      const check = async (place) => {
        const { violations } = await new AxeBuilder({ page: one }).analyze();
        found.push(...violations.map(({ id, nodes }) => `${place} ${colorScheme} ${viewport.width}: ${id} ${nodes[0].target}`));
        const wider = await one.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (wider > 0) found.push(`${place} ${colorScheme} ${viewport.width}: ${wider} px too wide`);
      };
      await check("page");
      assert.equal(await one.locator('img[src="x"]').count(), 0);
      // By the keyboard alone.
      await one.getByRole("button", { name: "Actions for Quality, last 7 days" }).focus();
      await one.keyboard.press("Enter");
      await one.getByRole("menuitem", { name: "Send now" }).waitFor();
      await one.getByRole("menuitem", { name: "Edit" }).press("Enter");
      await one.getByLabel("Subject").waitFor();
      await check("dialog");
      await one.keyboard.press("Escape");
      await one.getByLabel("Subject").waitFor({ state: "detached" });
      found.push(...one.complaints);
      await one.context().close();
    }
  }
  assert.deepEqual(found, []);
});

test("a server without mail says what its operator has to set, and an empty page says how to begin", async () => {
  const none = await page({ mail_from: null, subscriptions: [] });
  await none.getByText("Mail is not set up").waitFor();
  await none.getByText("mail.server").waitFor();
  const empty = await page({ mail_from: "a@example.com", subscriptions: [] });
  await empty.getByText("No subscriptions").waitFor();
  // What was subscribed before mail was turned off can still be deleted.
  const off = await page({ mail_from: null, subscriptions: [SUBSCRIPTION] });
  await off.getByRole("button", { name: "Actions for Quality, last 7 days" }).click();
  await off.getByRole("menuitem", { name: "Delete" }).waitFor();
  assert.equal(await off.getByRole("menuitem", { name: "Send now" }).count(), 0);
  const failed = await open(browser, "/settings/subscriptions", {
    before: async (page) => {
      await signedIn(page);
      await reply(page, "/api/v1/subscriptions", 500, { message: "Internal error, try again later." });
    },
  });
  await failed.getByRole("alert").getByText("Internal error").waitFor();
  for (const one of [none, empty, off, failed]) await one.context().close();
});

test("a view is mailed with its filters, moving times and its address, and the subscription is paused and deleted", async () => {
  // Nobody answers there, which the page says.
  const settings = `[server]\npublic_url = "http://localhost:8480"\n[mail]\nserver = "127.0.0.1"\nport = ${await freePort()}\ntls = "none"\nfrom = "rollcall@example.com"\n`;
  const port = await freePort();
  const server = await serve({ settings: settings.replace("http://localhost:8480", `http://127.0.0.1:${port}`), port });
  try {
    const context = await browser.newContext({ timezoneId: "Europe/Paris" });
    const one = await watch(context);
    await one.goto(server.printed.match(/^first administrator[^\n]*?(http\S+)/m)[1]);
    await one.getByLabel("Name").fill("Ana");
    await one.getByLabel("Email").fill("ana@example.com");
    await one.getByLabel("Password").fill(PASSWORD);
    await one.getByRole("button", { name: "Create account" }).click();
    await one.waitForURL(/\/now/);
    await one.goto(`${server.url}/quality?last=7d&place=Lyon`);
    await one.getByRole("button", { name: "Mail this view" }).click();
    assert.equal(await one.getByLabel("Subject").inputValue(), "Quality, last 7 days");
    await one.getByRole("combobox", { name: "Day of the week" }).selectOption("friday");
    await one.getByRole("combobox", { name: "Hour" }).selectOption("17");
    assert.equal(await one.getByLabel("Time zone").inputValue(), "Europe/Paris");
    await one.getByRole("button", { name: "Subscribe" }).click();
    await one.getByText("Fridays at 17:00, Europe/Paris").waitFor();
    const [made] = await one.evaluate(() => fetch("/api/v1/subscriptions").then((response) => response.json()).then(({ subscriptions }) => subscriptions));
    assert.equal(made.view, "/quality?last=7d&place=Lyon");
    assert.deepEqual(made.values, [0.95, "location", { ago: "7d", round: "day" }, { ago: "0h" }, "Lyon"]);
    assert.equal(made.member.email, "ana@example.com");
    await one.getByRole("button", { name: "Send one now" }).click();
    await one.getByText("A mail is on its way.").waitFor();
    await one.getByRole("link", { name: "All subscriptions" }).click();
    await one.waitForURL(/\/settings\/subscriptions/);
    await one.getByText("Last attempt failed").waitFor();

    const act = async (name) => {
      await one.getByRole("button", { name: "Actions for Quality, last 7 days" }).click();
      await one.getByRole("menuitem", { name }).click();
    };
    await act("Pause");
    await one.getByText("is paused.").waitFor();
    await act("Resume");
    await one.getByText("is resumed.").waitFor();
    await act("Delete");
    await one.getByRole("button", { name: "Delete the subscription" }).click();
    await one.getByText("No subscriptions").waitFor();
    assert.deepEqual(one.complaints, []);
    await context.close();
  } finally {
    await server.stop();
  }
});
