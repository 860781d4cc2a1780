import { defineConfig } from "vite";
import vue from "@vitejs/plugin-vue";

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
    rollupOptions: { external: ["vue"], output: { minify: true } },
  },
});
