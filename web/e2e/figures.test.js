// Each view shows the figures that SQL gives for the same question.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, BASE, launch, open } from "./browser.js";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const digits = (text) => Number(text.replace(/[^\d]/g, ""));
const minutesAreShown = (page) => page.waitForFunction(() => /\S/.test(document.querySelector(".summary p")?.innerText.replace("Reading minutes…", "") ?? ""));
const LARGEST = "SELECT uuid, topic FROM instances WHERE state = 'past' AND kind = 'meeting' ORDER BY participants DESC, uuid LIMIT 1";

test("the list of meetings counts and sorts as SQL does", async () => {
  const [[expected]] = await ask("SELECT count(*) FROM instances");
  const page = await open(browser, "/meetings?last=all&sort=-people");
  await page.getByText(/\d meetings$/).waitFor();
  // Meetings go on while the test runs.
  const shown = digits(await page.locator(".title .soft").innerText());
  assert.ok(shown >= expected && shown <= expected + 3, `${shown} is not ${expected}`);
  const [[topic, participants]] = await ask("SELECT topic, participants FROM instances ORDER BY participants DESC, start_time DESC, uuid LIMIT 1");
  const first = page.locator("tbody tr.row").first();
  assert.equal(await first.locator(".topic").innerText(), topic);
  assert.equal(digits(await first.locator("td").nth(4).innerText()), participants);
  await page.getByRole("button", { name: "Topic" }).click();
  await page.waitForURL(/sort=topic/);
  assert.deepEqual(page.complaints, []);
});

test("a filter in the address is a filter in the list, and a click removes it", async () => {
  const [[place]] = await ask("SELECT location FROM participants WHERE location <> '' GROUP BY 1 ORDER BY count(*) DESC LIMIT 1");
  const [[expected]] = await ask("SELECT count(DISTINCT instance_uuid) FROM participants WHERE location = ? AND leave_time IS NOT NULL", [place]);
  const page = await open(browser, `/meetings?last=all&place=${encodeURIComponent(place)}`);
  await page.getByText(/\d meetings$/).waitFor();
  const shown = digits(await page.locator(".title .soft").innerText());
  assert.ok(Math.abs(shown - expected) <= 6, `${shown} is not ${expected}`);
  await page.getByRole("button", { name: `Place ${place}` }).click();
  await page.waitForURL((url) => !url.searchParams.has("place"));
});

test("filters stay when the view changes", async () => {
  const page = await open(browser, "/meetings?last=7d&place=Lyon&q=weekly");
  await page.getByRole("link", { name: "Now" }).click();
  await page.waitForURL("**/now?last=7d&place=Lyon");
});

test("a meeting shows its people and how long each was there", async () => {
  const [[uuid, topic]] = await ask(LARGEST);
  const expected = await ask("SELECT user_name, share FROM attendance WHERE instance_uuid = ? ORDER BY attended_seconds, first_join_time", [uuid]);
  const page = await open(browser, `/meetings/${encodeURIComponent(uuid)}?style=table&sort=least`);
  await page.getByRole("heading", { name: topic }).waitFor();
  await page.locator("tbody tr.row").first().waitFor();
  assert.equal(digits(await page.locator("dd", { hasText: /people/ }).first().locator("a").innerText()), expected.length);
  for (const at of [0, 1, 2]) {
    const cells = page.locator("tbody tr.row").nth(at).locator("td");
    const [name, share] = expected[at];
    const shown = parseFloat((await cells.nth(5).innerText()).replace("<", ""));
    assert.ok(Math.abs(shown - share * 100) <= 1, `${name}: ${shown} is not ${share * 100}`);
  }
  assert.deepEqual(page.complaints, []);
});

test("a meeting's trouble is what its minutes say", async () => {
  const TROUBLE = "audio_label IN ('poor', 'bad') OR video_label IN ('poor', 'bad') OR screen_share_label IN ('poor', 'bad')";
  const [[uuid]] = await ask("SELECT instance_uuid FROM participants AS p JOIN instances AS i ON i.uuid = p.instance_uuid WHERE i.state = 'past' AND p.network_type = 'Wifi' GROUP BY 1 ORDER BY count(*) DESC LIMIT 1");
  const [[measured, trouble]] = await ask(
    `SELECT count(coalesce(q.audio_label, q.video_label, q.screen_share_label)), total(${TROUBLE}) FROM participants AS p
     JOIN qos_minutes AS q ON q.instance_uuid = p.instance_uuid AND q.user_id = p.user_id AND q.join_time IS p.join_time
     WHERE p.instance_uuid = ? AND p.network_type = 'Wifi'`,
    [uuid],
  );
  const page = await open(browser, `/meetings/${encodeURIComponent(uuid)}`);
  const wifi = page.locator("section[aria-label=Network] button", { hasText: "Wi-Fi" });
  await minutesAreShown(page);
  const title = await wifi.getAttribute("title");
  const [, shownTrouble, shownMeasured] = title.match(/, ([\d,]+) of ([\d,]+) measured/);
  assert.equal(digits(shownMeasured), measured);
  assert.equal(digits(shownTrouble), trouble);
});

test("a person's page counts their meetings and time", async (context) => {
  const page = await open(browser, "/people");
  await page.locator("tbody tr.row, .note").first().waitFor();
  if (await page.getByText("Names are hidden").count()) return context.skip("names are hidden");
  const [[person]] = await ask("SELECT person FROM persons WHERE user_id IS NOT NULL ORDER BY instances DESC LIMIT 1");
  const [[meetings, seconds]] = await ask("SELECT count(*), sum(attended_seconds) FROM attendance WHERE person = ?", [person]);
  await page.goto(`${BASE}/people/${encodeURIComponent(person)}`);
  const figure = (label) => page.locator("dl", { has: page.getByText(label, { exact: true }) }).locator(".value");
  await page.waitForFunction(() => document.querySelector(".figures") && !document.querySelector(".figures .wait"));
  assert.equal(digits(await figure("Meetings").innerText()), meetings);
  const [, hours, minutes] = (await figure("Time attended").innerText()).match(/(\d+) h (\d+) min/);
  assert.ok(Math.abs(Number(hours) * 60 + Number(minutes) - seconds / 60) <= 1);
});

test("the live page shows every live meeting", async () => {
  const page = await open(browser, "/now");
  await page.locator(".table .row:not(.head):not(.wait)").first().waitFor();
  const expected = (await ask("SELECT uuid FROM instances WHERE state = 'live'")).map(([uuid]) => `/meetings/${encodeURIComponent(uuid)}`);
  const links = await page.locator(".table .topic a").evaluateAll((all) => all.map((link) => link.getAttribute("href")));
  assert.ok(expected.filter((href) => links.includes(href)).length >= expected.length - 2, `${links} are not ${expected}`);
});

test("search finds a meeting and opens it with the keyboard alone", async () => {
  const [[topic]] = await ask("SELECT topic FROM instances WHERE topic <> '' ORDER BY start_time DESC LIMIT 1");
  const page = await open(browser, "/now");
  await page.getByRole("heading", { name: "Now" }).waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").waitFor();
  await page.keyboard.type(topic);
  await page.getByRole("option", { name: topic }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/meetings\/|\/people\//);
});

test("the heat map is read with arrow keys, and Enter opens the streams", async () => {
  const [[uuid]] = await ask(LARGEST);
  const page = await open(browser, `/meetings/${encodeURIComponent(uuid)}?sort=worst`);
  await minutesAreShown(page);
  await page.locator(".heat").focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  const said = page.locator(".heat > [aria-live]");
  const first = await said.innerText();
  assert.match(first, /, \d\d:\d\d: /);
  await page.keyboard.press("ArrowDown");
  assert.notEqual(await said.innerText(), first);
  await page.keyboard.press("Enter");
  await page.getByRole("region", { name: /^Streams of/ }).waitFor();
  await page.waitForURL(/who=/);
});

test("no request leaves the server's host", async () => {
  const [[uuid]] = await ask(LARGEST);
  for (const path of ["/now", "/meetings", `/meetings/${encodeURIComponent(uuid)}`, "/people", "/settings/connect"]) {
    const page = await open(browser, path);
    await page.waitForTimeout(1500);
    const hosts = new Set(page.requested.filter((url) => /^(http|ws)/.test(url)).map((url) => new URL(url).host));
    assert.deepEqual([...hosts], [new URL(BASE).host], path);
    assert.deepEqual(page.complaints, [], path);
    await page.context().close();
  }
});
