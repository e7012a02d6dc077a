import { expect, test } from "vitest";
import { match, meetingPath, personPath, safeNext } from "./routes";

test("an id with slashes survives its address", () => {
  const uuid = "/rG+k9tOR/LWxDCLpCjONpg==";
  expect(match(meetingPath(uuid))).toEqual({ view: "meeting", id: uuid });
  const person = "device:Ruth's iPhone/2|9c91-7f89";
  expect(match(personPath(person))).toEqual({ view: "person", id: person });
});

test("each view has its address", () => {
  expect(match("/")).toEqual({ view: "now" });
  expect(match("/meetings")).toEqual({ view: "meetings" });
  expect(match("/meetings/")).toEqual({ view: "meetings" });
  expect(match("/settings/members")).toEqual({ view: "settings", id: "members" });
  expect(match("/settings")).toEqual({ view: "missing" });
  for (const path of ["/nope", "/quality/x", "/meetings/a/b", "/meetings/%E0%A4%A"]) expect(match(path).view, path).toBe("missing");
});

test("signing in leads only to this site", () => {
  expect(safeNext("/meetings?last=7d#x")).toBe("/meetings?last=7d#x");
  for (const bad of [null, "", "https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example", "/signin?next=/signin"]) {
    expect(safeNext(bad), String(bad)).toBe("/now");
  }
});
