import { defineConfig } from "vite";

const here = (path) => new URL(path, import.meta.url).pathname;

export default defineConfig({
  // The address of the built files; names contain a digest, so browsers may cache the files permanently.
  base: "/assets/",
  build: {
    assetsDir: ".",
    rolldownOptions: { input: ["reference/index.html"] },
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
});
