import { defineConfig } from "vite";

const here = (path) => new URL(path, import.meta.url).pathname;

export default defineConfig({
  // Where the server serves what is built; names hold a digest, so browsers keep the files for good.
  base: "/assets/",
  build: {
    assetsDir: ".",
    rolldownOptions: { input: ["reference/index.html"] },
    // Whose work is in the files, and under which licences.
    license: { fileName: "licenses.md" },
    // Scalar is large, and loaded once.
    chunkSizeWarningLimit: 2000,
  },
  resolve: {
    alias: [
      { find: "@scalar/agent-chat/style.css", replacement: here("reference/no-chat.css") },
      { find: "@scalar/agent-chat", replacement: here("reference/no-chat.js") },
    ],
  },
});
