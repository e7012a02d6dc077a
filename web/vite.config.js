import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";
import { server } from "./dev/server.js";
import { header } from "./header-plugin.js";
import { theme } from "./theme-plugin.js";

const here = (path) => new URL(path, import.meta.url).pathname;

/** `PAGES=dashboard npm run build` leaves out the reference, which takes longest. */
const pages = process.env.PAGES?.split(",") ?? ["reference", "dashboard"];

export default defineConfig({
  // The address of the built files; names contain a digest, so browsers may cache the files permanently.
  base: "/assets/",
  plugins: [svelte(), header(), theme(), server()],
  build: {
    assetsDir: ".",
    // The policy of pages forbids data: for styles and scripts, and everything is cached anyway.
    assetsInlineLimit: 0,
    cssTarget: ["chrome123", "firefox128", "safari17.5"],
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: pages.map((page) => `${page}/index.html`),
      // What several views of the dashboard share is one file, instead of a dozen small ones.
      output: { codeSplitting: { groups: [{ name: "shared", test: /dashboard\/(lib|parts)\//, minShareCount: 2 }] } },
    },
    // The authors of the files' content, and its licences.
    license: { fileName: "licenses.md" },
    // Scalar is large and is loaded once.
    chunkSizeWarningLimit: 2000,
  },
  resolve: {
    alias: [
      { find: "@scalar/agent-chat/style.css", replacement: here("reference/no-chat.css") },
      { find: "@scalar/agent-chat", replacement: here("reference/no-chat.js") },
    ],
  },
  test: { include: ["dashboard/**/*.test.ts"], environment: "node" },
});
