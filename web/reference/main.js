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

const root = document.documentElement;
const isDark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

/** The switch in the header. Scalar takes its colours from a class of the body. */
function showTheme() {
  document.body.classList.toggle("dark-mode", isDark());
  document.body.classList.toggle("light-mode", !isDark());
}
const themeSwitch = document.querySelector(".site .theme");
themeSwitch.hidden = false;
themeSwitch.addEventListener("click", () => {
  root.dataset.theme = isDark() ? "light" : "dark";
  try {
    localStorage.setItem("rollcall-theme", root.dataset.theme);
  } catch {
    // The choice lasts until the next page.
  }
  showTheme();
});

createApiReference("#reference", {
  sources: [source("Zoom", "zoom"), source("Webex", "webex"), source("Rollcall", "rollcall")],
  authentication: { preferredSecurityScheme: "bearer", securitySchemes: { bearer: { token } } },
  plugins: [() => ({ name: "programs", extensions: [{ name: "x-reference-page", component: Programs }] })],
  agent: { disabled: true },
  darkMode: isDark(),
  hideDarkModeToggle: true,
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
