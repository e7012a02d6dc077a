// Takes pictures of every view in light, dark and at 390 px, and reports what axe finds and what the browser complains about.
//
//   ROLLCALL_TOKEN=$(rollcall token create) npm run look -- http://127.0.0.1:8480 /tmp/pictures [view…]
import { mkdirSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import { chromium } from "playwright-core";

const [base = "http://127.0.0.1:8480", folder = "/tmp/pictures", ...only] = process.argv.slice(2);
const BROWSER = process.env.CHROMIUM ?? "/usr/bin/chromium";
const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const SIZES = [
  { name: "light", colorScheme: "light", viewport: { width: 1440, height: 900 } },
  { name: "dark", colorScheme: "dark", viewport: { width: 1440, height: 900 } },
  { name: "phone", colorScheme: "light", viewport: { width: 390, height: 844 } },
];

const ask = async (query) => {
  const response = await fetch(`${base}/api/v1/sql`, { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${process.env.ROLLCALL_TOKEN}` }, body: JSON.stringify({ query }) });
  return (await response.json()).rows?.[0]?.[0];
};
const meeting = await ask("SELECT instance_uuid FROM participants WHERE audio_quality IN ('poor', 'bad') GROUP BY 1 ORDER BY count(*) DESC LIMIT 1");
const person = await ask("SELECT person FROM persons WHERE user_id IS NOT NULL ORDER BY instances DESC LIMIT 1");
const webinar = await ask("SELECT uuid FROM instances WHERE kind = 'webinar' AND state = 'past' ORDER BY participants DESC LIMIT 1");
const at = (path, id) => (id ? path + encodeURIComponent(id) : null);

/** Views by name: their path, and what to do before the picture. */
const VIEWS = {
  now: ["/now"],
  meetings: ["/meetings"],
  "meetings-filter": ["/meetings?place=London+(GB)&network=Wifi", (page) => page.getByRole("button", { name: "Filter", exact: true }).click()],
  meeting: [at("/meetings/", meeting)],
  "meeting-worst": [at("/meetings/", meeting) && `${at("/meetings/", meeting)}?sort=worst`, (page) => page.locator(".heat .row .names").first().click()],
  "meeting-overview": [at("/meetings/", meeting) && `${at("/meetings/", meeting)}?style=overview`],
  "meeting-table": [at("/meetings/", meeting) && `${at("/meetings/", meeting)}?style=table`],
  people: ["/people"],
  person: [at("/people/", person)],
  quality: ["/quality"],
  webinars: ["/webinars"],
  webinar: [at("/webinars/", webinar)],
  codes: ["/codes"],
  sql: ["/sql"],
  connect: ["/settings/connect"],
  sessions: ["/settings/sessions"],
  members: ["/settings/members"],
  tokens: ["/settings/tokens"],
  system: ["/settings/system"],
  signin: ["/signin"],
  welcome: ["/welcome#code"],
  missing: ["/settings/nothing"],
  menu: ["/meetings", (page) => page.getByRole("button", { name: "Columns" }).click()],
  search: ["/now", async (page) => (await page.keyboard.press("Control+k"), await page.waitForTimeout(300), await page.keyboard.type("an"))],
  keys: ["/now", (page) => page.keyboard.press("?")],
  request: ["/meetings", (page) => page.getByRole("button", { name: "API", exact: true }).click()],
};

mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: BROWSER, args: QUIET });
let found = 0;
for (const { name: size, ...options } of SIZES) {
  const context = await browser.newContext({ ...options, timezoneId: "Europe/Paris", locale: "en-GB" });
  for (const [view, [path, prepare]] of Object.entries(VIEWS)) {
    if (!path || (only.length && !only.includes(view))) continue;
    const page = await context.newPage();
    const complaints = [];
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(base + path);
    await page.waitForLoadState("networkidle", { timeout: 1500 }).catch(() => {});
    await page.waitForTimeout(400);
    if (prepare) {
      await prepare(page);
      await page.waitForTimeout(1200);
    }
    const { violations } = await new AxeBuilder({ page }).analyze();
    for (const { id, help, nodes } of violations) complaints.push(`axe ${id}: ${help}: ${nodes.slice(0, 3).map(({ target, any }) => `${target} ${any[0]?.message ?? ""}`).join(" | ")} (${nodes.length})`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 0) complaints.push(`${wide} px wider than the screen`);
    await page.screenshot({ path: `${folder}/${view}-${size}.png` });
    for (const complaint of complaints) console.log(`${view} ${size}: ${complaint}`);
    found += complaints.length;
    await page.close();
  }
  await context.close();
}
await browser.close();
console.log(found ? `${found} findings` : "nothing found");
process.exit(found ? 1 : 0);
