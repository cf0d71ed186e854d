/// <reference types="vitest/config" />
// One configuration for the build, the development server and the tests. The
// editor's tests run without a DOM, to show that document, tools and geometry
// need none; everything else runs in jsdom.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin } from "vite";

const editorTests = "src/editor/**/*.test.ts";

/** Builds of this mode are looked at in a browser, with the fake core; the program's never are. */
const BROWSER = "browser";

export default defineConfig(({ command, mode }) => ({
  plugins: [svelte(), withoutFake(mode)],
  define: { __FAKE_CORE__: JSON.stringify(command === "serve" || mode === BROWSER) },
  clearScreen: false,
  // The window loads its pages from inside the program: paths stay relative,
  // and nothing is fetched from elsewhere.
  base: "./",
  server: { port: 5173, strictPort: true, fs: { allow: [".."] } },
  build: {
    // WebKitGTK 4.1 of Debian 12 is the oldest window that shows these pages.
    target: "safari16",
    outDir: mode === BROWSER ? "test-results/browser" : "dist",
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
}));

/** Fails a build of the program that has anything of the fake core in it. */
function withoutFake(mode: string): Plugin {
  return {
    name: "without-fake",
    apply: "build",
    generateBundle(_, bundle) {
      if (mode === BROWSER) return;
      for (const file of Object.values(bundle)) {
        const modules = file.type === "chunk" ? file.moduleIds : [];
        const fake = modules.find((id) => /[/]src[/]ipc[/]fake[./]/.test(id));
        if (fake) this.error(`${fake} may not be part of the program (${file.fileName})`);
      }
    },
  };
}
