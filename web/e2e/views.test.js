// What holds for every view: axe finds nothing in either theme, nothing is too wide, and the first one is small.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import AxeBuilder from "@axe-core/playwright";
import { ask, BASE, launch, open } from "./browser.js";

/** The largest first view, in compressed bytes of script. */
const MAX_SCRIPT_BYTES = 150_000;

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const newest = (table, condition) => ask(`SELECT uuid FROM ${table} WHERE ${condition} ORDER BY start_time DESC LIMIT 1`).then(([[uuid]]) => encodeURIComponent(uuid));

test("the address opens the demo without a token, and the first view is small", async () => {
  let scripts = 0;
  const page = await open(browser, "/", {
    before: (page) =>
      page.on("response", async (response) => {
        if (response.request().resourceType() === "script") scripts += (await response.request().sizes()).responseBodySize;
      }),
  });
  await page.getByRole("heading", { name: "Now", exact: true }).waitFor();
  await page.waitForLoadState("networkidle", { timeout: 3_000 }).catch(() => {});
  assert.ok(scripts > 0 && scripts <= MAX_SCRIPT_BYTES, `${scripts} bytes of script`);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("CSV has every row of a view", async () => {
  const page = await open(browser, "/meetings?last=all&kind=webinar");
  await page.locator("tbody tr.row").first().waitFor();
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: "CSV" }).click();
  let text = "";
  for await (const chunk of await (await waiting).createReadStream()) text += chunk;
  const [[expected]] = await ask("SELECT count(*) FROM instances WHERE kind = 'webinar'");
  const rows = text.trimEnd().split("\r\n").length - 1;
  assert.ok(Math.abs(rows - expected) <= 2, `${rows} rows of ${expected}`);
  await page.context().close();
});

const PATHS = ["/now", "/meetings", "/people", "/quality", "/webinars", "/codes", "/sql", "/settings/connect", "/settings/sessions", "/settings/subscriptions", "/signin"];
for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing in ${colorScheme}, and no view is wider than its screen`, async () => {
    const [[person]] = await ask("SELECT person FROM persons WHERE user_id IS NOT NULL ORDER BY instances DESC LIMIT 1");
    const one = [`/meetings/${await newest("instances", "state = 'past' AND participants > 5")}`, `/webinars/${await newest("instances", "kind = 'webinar' AND state = 'past'")}`, `/people/${encodeURIComponent(person)}`];
    const found = [];
    for (const viewport of [{ width: 1280, height: 800 }, { width: 360, height: 740 }]) {
      const page = await open(browser, "/now", { colorScheme, viewport });
      for (const path of [...PATHS, ...one]) {
        await page.goto(BASE + path);
        await page.getByRole("heading", { level: 1 }).first().waitFor();
        await page.waitForLoadState("networkidle", { timeout: 1_500 }).catch(() => {});
        const { violations } = await new AxeBuilder({ page }).analyze();
        found.push(...violations.map(({ id, nodes }) => `${path} ${viewport.width}: ${id} ${nodes[0].target}`));
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (wider > 0) found.push(`${path} ${viewport.width}: ${wider} px too wide`);
      }
      found.push(...page.complaints);
      await page.context().close();
    }
    assert.deepEqual(found, []);
  });
}
