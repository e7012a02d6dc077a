// The reference with its Try-it form: Scalar with the descriptions that this server serves. It contacts this server and no
// other: no fonts, no proxy, no telemetry, no agent; the page's policy blocks anything forgotten here.
import "@scalar/api-reference/style.css";
import "./style.css";
import { createApiReference } from "@scalar/api-reference";
import { Programs } from "./programs.js";

/** A token for the demo's account, if the server runs the demo. */
async function demoToken() {
  const answer = await fetch("/reference/demo-token", { method: "POST" });
  return answer.ok ? (await answer.json()).access_token : "";
}

const token = await demoToken().catch(() => "");
document.getElementById("token").textContent = token
  ? "Try-it uses a token of the demo account."
  : "Try-it needs a token. Create one with `rollcall token create`.";

const source = (title, slug) => ({ title, slug, url: `/openapi/${slug}.json`, agent: { disabled: true } });

createApiReference("#reference", {
  sources: [source("Zoom", "zoom"), source("Webex", "webex"), source("Rollcall", "rollcall")],
  authentication: { preferredSecurityScheme: "bearer", securitySchemes: { bearer: { token } } },
  plugins: [() => ({ name: "programs", extensions: [{ name: "x-reference-page", component: Programs }] })],
  agent: { disabled: true },
  defaultOpenAllTags: false,
  documentDownloadType: "direct",
  // Programs are shown below each operation, in every language.
  hiddenClients: true,
  hideClientButton: true,
  persistAuth: false,
  proxyUrl: "",
  showDeveloperTools: "never",
  telemetry: false,
  withDefaultFonts: false,
});
