// Adds a script to each page that applies the reader's choice of light or dark before anything is drawn. It is a file, because the
// pages' policy forbids scripts inside pages, and no module, because modules run after the first paint.
import { createHash } from "node:crypto";

const SOURCE = `try{const t=localStorage.getItem("rollcall-theme");if(t)document.documentElement.dataset.theme=t}catch{}`;
const NAME = `theme-${createHash("sha256").update(SOURCE).digest("base64url").slice(0, 8)}.js`;

export function theme() {
  let base = "/";
  return {
    name: "rollcall-theme",
    configResolved(config) {
      base = config.base;
    },
    configureServer({ middlewares }) {
      middlewares.use(`${base}${NAME}`, (_, response) => {
        response.setHeader("content-type", "text/javascript");
        response.end(SOURCE);
      });
    },
    generateBundle() {
      this.emitFile({ type: "asset", fileName: NAME, source: SOURCE });
    },
    transformIndexHtml: () => [{ tag: "script", attrs: { src: `${base}${NAME}` }, injectTo: "head-prepend" }],
  };
}
