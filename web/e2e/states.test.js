// What readers see when something is missing, refused or broken, and that nothing from outside becomes code.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, open, reply, SESSION } from "./browser.js";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const signedOut = async (page) => {
  await reply(page, "/api/v1/session", 401, { message: "Nobody is signed in." });
  await reply(page, "/api/v1/sign-in", 200, { demo: false, password: true, providers: [{ id: "a/b", name: "Example ID" }], first_start: false });
};
const signedIn = (more = {}) => async (page) => {
  await reply(page, "/api/v1/session", 200, { ...SESSION, ...more });
  await reply(page, "/api/v1/live", 503, { message: "Too many readers." });
};

test("somebody who is not signed in comes back to where they were going", async () => {
  const page = await open(browser, "/meetings?last=7d", { before: signedOut });
  await page.waitForURL("**/signin?next=*");
  assert.equal(new URL(page.url()).searchParams.get("next"), "/meetings?last=7d");
  const provider = page.getByRole("link", { name: "Continue with Example ID" });
  assert.equal(await provider.getAttribute("href"), `/auth/a%2Fb?next=${encodeURIComponent("/meetings?last=7d")}`);
  await page.unroute("**/api/v1/session");
  await reply(page, "/api/v1/session", 201, SESSION);
  await page.getByLabel("Email").fill("ana@example.com");
  await page.getByLabel("Password").fill("correct horse battery");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/meetings?last=7d");
});

test("signing in never leads to another site", async () => {
  for (const next of ["//evil.example/x", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]) {
    const page = await open(browser, `/signin?next=${encodeURIComponent(next)}`, { before: signedOut });
    await page.getByLabel("Email").fill("ana@example.com");
    await page.getByLabel("Password").fill("correct horse battery");
    await page.unroute("**/api/v1/session");
    await reply(page, "/api/v1/session", 201, SESSION);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL("**/now");
    await page.context().close();
  }
});

test("a wrong password is said, and the field is emptied", async () => {
  const page = await open(browser, "/signin", { before: signedOut });
  await page.getByLabel("Email").fill("ana@example.com");
  await page.getByLabel("Password").fill("wrong");
  await page.unroute("**/api/v1/session");
  await reply(page, "/api/v1/session", 401, { message: "The email address or the password is wrong." });
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").getByText("The email address or the password is wrong.").waitFor();
  assert.equal(await page.getByLabel("Password").inputValue(), "");
});

test("an invitation's code leaves the address before anything is sent", async () => {
  const page = await open(browser, "/welcome#s3cret", {
    before: (page) => reply(page, "/api/v1/invitations/*", 200, { email: "new@example.com", role: "analyst", account: { name: "Example" }, expires_at: "2099-01-01T00:00:00Z" }),
  });
  await page.getByRole("heading", { name: "Join Example" }).waitFor();
  assert.equal(new URL(page.url()).hash, "");
});

test("names from data are text in every view", async () => {
  const evil = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>';
  const fields = (columns) => columns.map((column) => (/time|at$/.test(column) ? "2026-11-18T14:00:00Z" : /^(n|any|participants|instances|joins|attendances|duration_seconds|good|fair|poor|bad|none|not_measured|measured|people)$/.test(column) ? 1 : evil));
  const before = async (page) => {
    await signedIn({ role: "administrator", account: { id: "1", name: evil }, member: { id: 1, email: evil, name: evil } })(page);
    await page.unroute("**/api/v1/live");
    const live = { at: "2026-11-18T14:00:00Z", instances: [{ uuid: evil, kind: "meeting", meeting_id: 1, topic: evil, host: evil, start_time: "2026-11-18T14:00:00Z", people: 1, measured: 1, poor: 1, worst: [evil], trouble: [1] }] };
    await page.route("**/api/v1/live", (route) => route.fulfill({ contentType: "text/event-stream", body: `event: live\ndata: ${JSON.stringify(live)}\n\n` }));
    await page.route("**/api/v1/sql", async (route) => {
      const { query } = route.request().postDataJSON();
      const columns = "uuid user_id person user_name email topic host kind state role status location network_type device client version leave_reason start_time end_time join_time leave_time first_join_time last_join_time participants instances duration_seconds n any value label note good fair poor bad none not_measured measured people instance_uuid joins attendances codes code department origin message login".split(" ");
      const rows = /group_concat\(char/.test(query) ? [] : [fields(columns)];
      await route.fulfill({ contentType: "application/json", body: JSON.stringify({ columns, rows: /^SELECT count/.test(query.trim()) ? [[1]] : rows }) });
    });
  };
  for (const path of ["/now", "/meetings", "/meetings/x", "/meetings/x?style=table", "/people", "/people/x", "/settings/connect", `/meetings?place=${encodeURIComponent(evil)}`]) {
    const page = await open(browser, path, { before });
    await page.waitForFunction((text) => document.body.innerText.includes(text), "<img src=x");
    await page.waitForTimeout(300);
    assert.equal(await page.evaluate(() => window.hit), undefined, path);
    assert.equal(await page.locator('img[src="x"]').count(), 0, path);
    await page.context().close();
  }
});

test("an error names what failed, and another try can succeed", async () => {
  const page = await open(browser, "/people", {
    before: async (page) => {
      await signedIn()(page);
      await reply(page, "/api/v1/sql", 500, { message: "The archive could not be read." });
    },
  });
  await page.getByRole("alert").getByText("The archive could not be read.").waitFor();
  await page.unroute("**/api/v1/sql");
  await page.route("**/api/v1/sql", (route) => route.fulfill({ contentType: "application/json", body: JSON.stringify({ columns: ["count(*)"], rows: [[0]] }) }));
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("Nobody matches").waitFor();
});

test("a missing right is said with the role that has it, and cannot be retried", async () => {
  const page = await open(browser, "/meetings", {
    before: async (page) => {
      await signedIn()(page);
      await reply(page, "/api/v1/sql", 403, { message: "This needs the role analyst." });
    },
  });
  await page.getByRole("alert").getByText("This needs the role analyst.").waitFor();
  assert.equal(await page.getByRole("button", { name: "Try again" }).count(), 0);
});

test("a session that ends leads to the sign-in page", async () => {
  const page = await open(browser, "/people", {
    before: async (page) => {
      await signedIn()(page);
      await reply(page, "/api/v1/sql", 401, { message: "Your session has ended." });
      await reply(page, "/api/v1/sign-in", 200, { demo: false, password: true, providers: [], first_start: false });
    },
  });
  await page.waitForURL("**/signin?next=%2Fpeople");
});

test("an empty installation says how to get data in", async () => {
  const page = await open(browser, "/now", {
    before: async (page) => {
      await signedIn()(page);
      await page.route("**/api/v1/sql", (route) => {
        const any = route.request().postDataJSON().query.includes("AS any");
        return route.fulfill({ contentType: "application/json", body: JSON.stringify(any ? { columns: ["any", "newest"], rows: [[0, null]] } : { columns: ["uuid"], rows: [] }) });
      });
    },
  });
  await page.getByText("Waiting for the first event…").waitFor();
  for (const name of ["Connect Zoom or Webex", "Webhooks from Zoom", "Webhooks from Webex", "Point programs here", "Drop a file"]) await page.getByRole("heading", { name }).waitFor();
});

test("a lost connection is stated with the age of what is shown", async () => {
  const live = { at: "2026-11-18T14:00:00Z", instances: [] };
  let times = 0;
  const page = await open(browser, "/now", {
    before: async (page) => {
      await reply(page, "/api/v1/session", 200, SESSION);
      await page.route("**/api/v1/live", (route) => (times++ ? route.abort() : route.fulfill({ contentType: "text/event-stream", body: `event: live\ndata: ${JSON.stringify(live)}\n\n` })));
    },
  });
  await page.getByText(/Connection lost\. Shown is what was known \d+ s ago/).waitFor();
});
