// Each view shows the figures that SQL gives for the same question; axe finds nothing; nothing leaves the host.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import AxeBuilder from "@axe-core/playwright";
import { openBrowser, serve, watch } from "./server.js";

let server, browser, context;

before(async () => {
  server = await serve(["--demo"]);
  browser = await openBrowser();
  context = await browser.newContext({ timezoneId: "Europe/Paris", locale: "en-GB" });
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const id = encodeURIComponent;

async function open(path, options) {
  const inside = options ? await browser.newContext({ timezoneId: "Europe/Paris", locale: "en-GB", ...options }) : context;
  const page = await watch(inside, server.url);
  await page.goto(server.url + path);
  return page;
}

/** A past meeting with several people, and what SQL says of it. */
async function meeting() {
  const [[uuid, topic, people]] = await server.sql(
    `SELECT i.uuid, i.topic, (SELECT count(*) FROM attendance AS a WHERE a.instance_uuid = i.uuid)
     FROM instances AS i WHERE i.state = 'past' AND i.kind = 'meeting' AND i.participants BETWEEN 8 AND 40
     ORDER BY i.start_time DESC LIMIT 1`,
  );
  return { uuid, topic, people };
}

test("the address opens the demo without a token, and the first view is small", async () => {
  const page = await watch(await browser.newContext(), server.url);
  let scripts = 0;
  page.on("response", async (response) => {
    if (response.request().resourceType() !== "script") return;
    scripts += (await response.request().sizes()).responseBodySize;
  });
  await page.goto(server.url);
  await page.getByRole("heading", { name: "Now", exact: true }).waitFor();
  await page.getByRole("table", { name: "Live meetings" }).waitFor();
  await page.waitForLoadState("load");
  assert.ok(scripts > 0 && scripts <= 150_000, `${scripts} bytes of script`);
  assert.deepEqual(page.problems, []);
  await page.close();
});

test("what is live is what SQL calls live", async () => {
  const page = await open("/now");
  const table = page.getByRole("table", { name: "Live meetings" });
  await table.waitFor();
  const topics = (await table.getByRole("cell").locator("a").allTextContents()).filter((text) => !/^\d+$/.test(text));
  const live = await server.sql("SELECT topic FROM instances WHERE state = 'live'");
  assert.deepEqual(topics.map((text) => text.trim()).sort(), live.map(([topic]) => topic || "Untitled").sort());
  await page.close();
});

test("the list of meetings counts and orders as SQL does", async () => {
  const page = await open("/meetings?last=all&kind=webinar");
  await page.getByRole("table", { name: "Meetings" }).waitFor();
  const [[count]] = await server.sql("SELECT count(*) FROM instances");
  await page.goto(`${server.url}/meetings?last=all`);
  await page.getByText(new RegExp(`^${count.toLocaleString("en-GB")} meetings$`)).waitFor();
  await page.getByRole("searchbox", { name: "Search meetings" }).fill("Operations bridge");
  const [[found]] = await server.sql("SELECT count(*) FROM instances WHERE topic LIKE '%Operations bridge%'");
  await page.getByText(new RegExp(`^${found} meetings$`)).waitFor();
  assert.match(page.url(), /q=Operations/, "the search is in the address");
  assert.deepEqual(page.problems, []);
  await page.close();
});

test("a meeting shows each person once, and the table behind the chart", async () => {
  const { uuid, topic, people } = await meeting();
  const page = await open(`/meetings/${id(uuid)}`);
  await page.getByRole("heading", { name: topic }).waitFor();
  await page.getByText(new RegExp(`^${people} people$`)).first().waitFor();
  await page.goto(`${server.url}/meetings/${id(uuid)}?style=table`);
  const rows = page.getByRole("table", { name: "People" });
  await rows.waitFor();
  assert.equal(await rows.getAttribute("aria-rowcount"), String(people + 1));
  assert.deepEqual(page.problems, []);
  await page.close();
});

test("CSV is what SQL gives, and the request that made a view is shown", async () => {
  const page = await open("/meetings?last=all");
  await page.getByRole("table", { name: "Meetings" }).waitFor();
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: "CSV" }).click();
  const stream = await (await waiting).createReadStream();
  let text = "";
  for await (const chunk of stream) text += chunk;
  const [[count]] = await server.sql("SELECT count(*) FROM instances");
  assert.ok(text.split("\r\n").length - 2 >= Math.min(count, 1000), `${text.split("\r\n").length} lines of ${count}`);
  await page.getByRole("button", { name: "API", exact: true }).click();
  await page.getByText("/api/v1/sql").first().waitFor();
  assert.deepEqual(page.problems, []);
  await page.close();
});

test("the keyboard alone reaches a meeting and comes back", async () => {
  const page = await open("/now");
  await page.getByRole("heading", { name: "Now", exact: true }).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("m");
  await page.getByRole("heading", { name: "Meetings", exact: true }).waitFor();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("Operations bridge");
  await page.getByRole("option").filter({ hasText: "Operations bridge" }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/meetings\/./);
  await page.goBack();
  await page.getByRole("heading", { name: "Meetings", exact: true }).waitFor();
  assert.deepEqual(page.problems, []);
  await page.close();
});

const VIEWS = ["/now", "/meetings", "/people", "/quality", "/webinars", "/codes", "/sql", "/settings/connect", "/settings/sessions", "/signin"];
for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing in ${colorScheme}, at any width`, async () => {
    const { uuid } = await meeting();
    const [[webinar]] = await server.sql("SELECT uuid FROM instances WHERE kind = 'webinar' AND state = 'past' ORDER BY start_time DESC LIMIT 1");
    const [[person]] = await server.sql("SELECT person FROM persons WHERE user_id IS NOT NULL ORDER BY instances DESC LIMIT 1");
    const found = [];
    for (const viewport of [{ width: 1280, height: 800 }, { width: 360, height: 740 }]) {
      const page = await open("/now", { colorScheme, viewport });
      for (const path of [...VIEWS, `/meetings/${id(uuid)}`, `/webinars/${id(webinar)}`, `/people/${id(person)}`]) {
        await page.goto(server.url + path);
        await page.getByRole("heading", { level: 1 }).first().waitFor();
        await page.waitForLoadState("networkidle", { timeout: 2_000 }).catch(() => {});
        const { violations } = await new AxeBuilder({ page }).analyze();
        found.push(...violations.map(({ id, nodes }) => `${path} ${viewport.width}: ${id} ${nodes[0].target}`));
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (wider > 0) found.push(`${path} ${viewport.width}: ${wider} px too wide`);
      }
      found.push(...page.problems);
      await page.context().close();
    }
    assert.deepEqual(found, []);
  });
}
