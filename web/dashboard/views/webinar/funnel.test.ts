import { expect, test } from "vitest";
import type { SourceRow, Webinar } from "./data";
import { registrantsQuestion, sourcesQuery } from "./data";
import { flow, longest, nested, step, total } from "./funnel";
import { sql } from "../../lib/sql";

const row = (changes: Partial<SourceRow>): SourceRow => ({ source: "a", url: null, visits: 100, registrations: 20, known: 20, joined: 8, half: 5, finished: 4, ...changes });
const webinar = { people: 30, half: 12, finished: null } as Webinar;

test("who joined is unknown if registrations name no link, and 0 if nobody of a link came", () => {
  expect(step(row({ known: 0, joined: null })).counts).toEqual({ opened: 100, registered: 20, joined: null, half: null, finished: null });
  expect(step(row({ joined: null, half: null, finished: null })).counts).toMatchObject({ joined: 0, half: 0, finished: 0 });
});

test("the sum leaves unknown counts out, and stays unknown if all are", () => {
  const all = total([step(row({})), step(row({ visits: null }))], webinar);
  expect(all.counts).toEqual({ opened: 100, registered: 40, joined: 30, half: 12, finished: null });
  expect(total([step(row({ visits: null }))], webinar).counts.opened).toBeNull();
});

test("bars are nested and begin at the chosen stage", () => {
  const one = step(row({}));
  expect(nested(one, "registered", longest([one], "registered")).map(({ part }) => part)).toEqual([1, 0.4, 0.25, 0.2]);
  // More people than registrations, such as by a forwarded link, do not burst the bar.
  expect(nested(step(row({ joined: 25 })), "registered", 20)[1]!.part).toBe(1);
  expect(nested(step(row({ registrations: null })), "registered", 20).map(({ stage }) => stage)).toEqual(["joined", "half", "finished"]);
});

test("the curve counts who is there, and names the minute when most left before the end", () => {
  const found = flow([{ minute: -3, joined: 2, left: 0 }, { minute: 1, joined: 3, left: 0 }, { minute: 4, joined: 0, left: 3 }, { minute: 99, joined: 0, left: 2 }], 10);
  expect(found.there).toEqual([2, 5, 5, 5, 2, 2, 2, 2, 2, 0]);
  expect(found.drop).toBe(4);
});

test("values of the address are bound", () => {
  const { query, values } = registrantsQuestion("u'", { text: "x%", source: "'", came: "half", sort: { key: "attended", order: "desc" } }).rows(sql`LIMIT ${10}`);
  expect(query).not.toContain("u'");
  expect(query.match(/\?/g)).toHaveLength(values.length);
  const sources = sourcesQuery("u'");
  expect(sources.query.match(/\?/g)).toHaveLength(sources.values.length);
});
