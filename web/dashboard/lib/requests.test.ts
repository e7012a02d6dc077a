import { afterEach, expect, test, vi } from "vitest";

vi.stubGlobal("location", { origin: "https://rollcall.example" });
const { ask, objects } = await import("./ask");
const { requestCode, REQUEST_LANGUAGES } = await import("./request-code");
const { parseEvent } = await import("./live.svelte");
const { sql } = await import("./sql");

afterEach(() => vi.unstubAllGlobals());

const answers = (...list: Response[]) => {
  const fetched = vi.fn(async (_url: string, _options: RequestInit) => list.shift()!);
  vi.stubGlobal("fetch", fetched);
  return fetched;
};

test("values are sent beside the query", async () => {
  const fetched = answers(Response.json({ columns: ["n"], rows: [[1]] }));
  await ask(sql`SELECT ${"x'"} AS n`);
  expect(JSON.parse(fetched.mock.calls[0]![1].body as string)).toEqual({ query: "SELECT ? AS n", values: ["x'"] });
});

test("a busy server is asked again after the time that it names", async () => {
  vi.useFakeTimers();
  const fetched = answers(
    Response.json({ message: "Too many queries." }, { status: 429, headers: { "retry-after": "2" } }),
    Response.json({ columns: ["n"], rows: [[1]] }),
  );
  const answer = ask(sql`SELECT 1 AS n`);
  await vi.advanceTimersByTimeAsync(1900);
  expect(fetched).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(200);
  expect((await answer).rows).toEqual([[1]]);
  vi.useRealTimers();
});

test("an error carries the server's message", async () => {
  answers(Response.json({ message: "No column called x." }, { status: 400 }));
  await expect(ask(sql`SELECT x`)).rejects.toMatchObject({ kind: "invalid", message: "No column called x." });
});

test("a cancelled query is no error of the view", async () => {
  const control = new AbortController();
  control.abort();
  await expect(ask(sql`SELECT 1`, control.signal)).rejects.toMatchObject({ name: "AbortError" });
});

test("rows become objects by column", () => {
  expect(objects({ columns: ["a", "b"], rows: [[1, "x"]] })).toEqual([{ a: 1, b: "x" }]);
});

test("each language holds the whole request and no token", () => {
  const statement = sql`SELECT * FROM instances WHERE topic = ${'`"""\n$x\'@'}`;
  for (const language of REQUEST_LANGUAGES) {
    const code = requestCode(statement, language, "https://rollcall.example");
    expect(code, language).toContain("https://rollcall.example/api/v1/sql");
    expect(code, language).toContain("WHERE topic = ?");
    expect(code, language).toMatch(/TOKEN/);
  }
});

test("server-sent events are read, and comments are not events", () => {
  expect(parseEvent("event: live\ndata: {\"a\":\ndata: 1}")).toEqual({ event: "live", data: '{"a":\n1}' });
  expect(parseEvent(": keep-alive").data).toBe("");
});
