import { expect, test } from "vitest";
import { amounts, daysOf, divide, next } from "./amounts";
import { runs, type UseRow } from "./question";
import { bodyOf, codeForm, fieldValues } from "./forms";

const use = (code: string, month: string, minutes: number, via: UseRow["via"] = "run"): UseRow => ({ code, month, via, runs: 1, attendances: 2, minutes });

test("amounts add up by code and month, and what has no code comes last", () => {
  const found = amounts([use("", "2026-09", 500, ""), use("B", "2026-09", 30), use("A", "2026-11", 40), use("A", "2026-11", 20, "host")], "minutes");
  expect(found.months).toEqual(["2026-09", "2026-10", "2026-11"]);
  expect(found.rows).toEqual([
    { code: "A", months: [0, 0, 60], total: 60 },
    { code: "B", months: [30, 0, 0], total: 30 },
    { code: "", months: [500, 0, 0], total: 500 },
  ]);
  expect(found).toMatchObject({ totals: [530, 0, 60], total: 590, without: 500, via: { run: 70, host: 20, login: 0 } });
  expect(amounts([use("A", "2026-11", 1)], "attendances").total).toBe(2);
});

test("months follow each other across the year", () => {
  expect(next("2026-12")).toBe("2027-01");
  expect(daysOf("2028-02")).toEqual({ from: "2028-02-01", to: "2028-02-29" });
});

test("the parts of a sum of money add up to it", () => {
  expect(divide(1000, [1, 1, 1])).toEqual([334, 333, 333]);
  expect(divide(99_999, [7, 13, 11, 1]).reduce((a, b) => a + b)).toBe(99_999);
  expect(divide(500, [0, 0])).toEqual([0, 0]);
});

test("labels and sites are bound, and a login's cost centre counts only for that label", () => {
  const asked = { label: "It's", site: "a'b", span: { start: null, end: null }, query: new URLSearchParams("host=O'Neil") };
  const { query, values } = runs(asked);
  expect(query.match(/\?/g)).toHaveLength(values.length);
  expect(query).not.toMatch(/It's|a'b|O'Neil/);
  expect(query).not.toContain("cost_center");
  expect(runs({ ...asked, label: "Cost center" }).query).toContain("cost_center");
});

test("a code's form holds what is stored, and sends what Webex expects", () => {
  const form = codeForm({
    site_url: "example.webex.com",
    id: "1",
    name: "Department",
    input_mode: "select",
    options: '[{"value":"Sales","defaultValue":false},{"value":"Finance","defaultValue":true}]',
    host_profile_code: "optional",
    schedule_start_codes: '[{"service":"All","type":"notApplicable"},{"service":"MeetingCenter","type":"required"},{"service":"EventCenter","type":"optional"}]',
    users: 0,
  });
  expect(form).toMatchObject({ values: "Sales\nFinance", preset: "Finance" });
  expect(bodyOf({ ...form, values: " Sales \n\nFinance\nSales" }, "example.webex.com")).toEqual({
    name: "Department",
    siteUrl: "example.webex.com",
    inputMode: "select",
    hostProfileCode: "optional",
    options: [{ value: "Sales", defaultValue: false }, { value: "Finance", defaultValue: true }],
    scheduleStartCodes: [
      { service: "MeetingCenter", type: "required" },
      { service: "EventCenter", type: "optional" },
      { service: "TrainingCenter", type: "notUsed" },
      { service: "SupportCenter", type: "notUsed" },
    ],
  });
  expect(bodyOf({ ...form, inputMode: "hostProfileSelect" }, "s").scheduleStartCodes).toBeNull();
});

test("values that cannot be read are none", () => {
  expect(fieldValues(null)).toEqual([]);
  expect(fieldValues("{")).toEqual([]);
  expect(fieldValues('["a","b"]')).toEqual(["a", "b"]);
});
