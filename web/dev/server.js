// For development only: `npm run dev` and `npm run preview` in front of a running Rollcall, whose address is in ROLLCALL_URL.
// Requests to the API go there. Sign in as on the server; a demo needs no sign-in.
import { readFile } from "node:fs/promises";

const TARGET = process.env.ROLLCALL_URL ?? "http://127.0.0.1:8480";
const PROXIED = /^\/(api|v1|v2|openapi|ingest|auth|reference|hooks)(\/|$)/;
const VIEWS = /^\/(now|meetings|people|quality|webinars|codes|sql|settings|signin|welcome)?(\/[^/]*)?$/;
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

async function proxy(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const headers = { ...request.headers };
  for (const name of ["host", "connection", "content-length", "transfer-encoding", "accept-encoding"]) delete headers[name];
  headers["accept-encoding"] = "identity";
  const abort = new AbortController();
  response.on("close", () => abort.abort());
  try {
    const body = chunks.length ? Buffer.concat(chunks) : undefined;
    const found = await fetch(TARGET + request.url, { method: request.method, headers, body, redirect: "manual", signal: abort.signal });
    const kept = [...found.headers].filter(([name]) => !/^(content-encoding|content-length|transfer-encoding|connection)$/.test(name));
    response.writeHead(found.status, Object.fromEntries(kept));
    if (found.body) for await (const chunk of found.body) response.write(chunk);
    response.end();
  } catch (error) {
    if (!response.headersSent) response.writeHead(502);
    response.end(JSON.stringify({ message: `No server at ${TARGET}: ${error.message}` }));
  }
}

/** Answers what Vite does not: the API and the paths of views. */
const middleware = (page) => async (request, response, next) => {
  const path = request.url.split("?")[0];
  if (PROXIED.test(path)) return proxy(request, response);
  if (!VIEWS.test(path)) return next();
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end(await page(request.url, response));
};

export function server() {
  return {
    name: "rollcall-dev-server",
    configureServer(vite) {
      vite.middlewares.use(
        middleware(async (url) => {
          const page = await readFile("dashboard/index.html", "utf8");
          return vite.transformIndexHtml("/dashboard/index.html", page.replace("./main.ts", "/dashboard/main.ts"), url);
        }),
      );
    },
    configurePreviewServer(vite) {
      vite.middlewares.use(
        middleware((_, response) => {
          response.setHeader("content-security-policy", POLICY);
          return readFile("dist/dashboard/index.html");
        }),
      );
    },
  };
}
