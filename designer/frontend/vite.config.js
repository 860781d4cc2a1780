import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { defineConfig } from "vite";
import vue from "@vitejs/plugin-vue";

// The bundle names the source it was built from; a test compares, so that nobody needs Node to notice an old one.
const hash = createHash("sha256");
for (const name of ["package-lock.json", "vite.config.js", ...readdirSync("src").sort().map((file) => `src/${file}`)]) hash.update(readFileSync(name));

// One ES module with Vue left out: the browser finds "vue" through NiceGUI's import map, so the canvas
// and the page share one Vue. Two copies would break injection and every Quasar component in a node.
export default defineConfig({
  plugins: [vue()],
  // Library builds leave this name in Vue Flow's code, and a browser has no `process`.
  define: { "process.env.NODE_ENV": '"production"' },
  build: {
    outDir: "../components/flow_canvas/dist",
    emptyOutDir: true,
    sourcemap: false,
    lib: { entry: "src/index.js", formats: ["es"], fileName: () => "index.js" },
    // ES library output keeps its whitespace unless told otherwise (a quarter of the size).
    rollupOptions: { external: ["vue"], output: { minify: true, postBanner: `/*! source ${hash.digest("hex")} | licences: THIRD_PARTY.md */` } },
  },
});
