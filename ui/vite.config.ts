/// <reference types="vitest/config" />
// One configuration for the build, the development server and the tests. The
// editor's tests run without a DOM, to show that document, tools and geometry
// need none; everything else runs in jsdom.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

const editorTests = "src/editor/**/*.test.ts";

export default defineConfig({
  plugins: [svelte()],
  clearScreen: false,
  // The window loads its pages from inside the program: paths stay relative,
  // and nothing is fetched from elsewhere.
  base: "./",
  server: { port: 5173, strictPort: true, fs: { allow: [".."] } },
  build: {
    // WebKitGTK 4.1 of Debian 12 is the oldest window that shows these pages.
    target: "safari16",
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    // Every file is embedded in the program: size on a wire does not matter.
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2048,
  },
  test: {
    projects: [
      {
        extends: true,
        test: { name: "editor", environment: "node", include: [editorTests] },
      },
      {
        extends: true,
        resolve: { conditions: ["browser"] },
        test: {
          name: "screens",
          environment: "jsdom",
          include: ["src/**/*.test.ts", "tests/**/*.test.ts"],
          exclude: [editorTests],
        },
      },
    ],
  },
});
