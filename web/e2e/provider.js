// An OpenID Connect provider of a test's own: the published `oidc-provider`, with a page that asks who somebody is.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";
import { freePort } from "./server.js";

/**
 * Starts a provider for one client. It is on `localhost` and Rollcall on `127.0.0.1`, which are different sites.
 *
 * `people` are the claims of each person by id; a test may change them.
 */
export async function startProvider({ clientId, clientSecret, redirectUri, people }) {
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri], grant_types: ["authorization_code"], response_types: ["code"] }],
    cookies: { keys: ["of this test"] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"], groups: ["groups"] },
    scopes: ["openid", "email", "profile", "groups"],
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/who/${uid}` },
    findAccount: (_context, id) => people[id] && { accountId: id, claims: async () => ({ sub: id, ...people[id] }) },
    async loadExistingGrant({ oidc }) {
      const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope("openid email profile groups");
      await grant.save();
      return grant;
    },
  });
  const asked = [];
  const control = { held: null, hold: false };
  provider.use(async (context, next) => {
    await next();
    const to = context.response.get("location");
    if (!to?.startsWith(redirectUri)) return;
    control.held = to;
    if (!control.hold) return;
    context.remove("location");
    context.status = 200;
    context.body = "held";
  });
  const callback = provider.callback();
  const server = createServer(async (request, response) => {
    asked.push(new URL(request.url, issuer).pathname);
    if (!request.url.startsWith("/who/")) return callback(request, response);
    if (request.method !== "POST") {
      response.setHeader("content-type", "text/html");
      return response.end(`<form method="post"><label>Who are you? <input name="who"></label><button>Continue</button></form>`);
    }
    let body = "";
    for await (const chunk of request) body += chunk;
    await provider.interactionFinished(request, response, { login: { accountId: new URLSearchParams(body).get("who") } });
  });
  await new Promise((resolve) => server.listen(port, "localhost", resolve));
  return {
    issuer,
    asked,
    /** `held` is the latest answer to a browser, which it does not get while `hold` is set. */
    control,
    stop: () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())),
  };
}
