// Lints of the user interface. Each rule beyond the recommended sets carries
// the reason why it is here.
import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";
import svelteConfig from "./svelte.config.js";

export default ts.config(
  { ignores: ["dist/", "node_modules/", "test-results/", "src/ipc/bindings.ts"] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      // The compiler knows every name; this rule does not know types.
      "no-undef": "off",
      // An underscore says that a parameter is there for its position.
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      // A type that is only a type is imported as one, so bundling keeps no dead import.
      "@typescript-eslint/consistent-type-imports": "error",
      // Whoever reads the console of a vault's window reads its contents.
      "no-console": "error",
      eqeqeq: "error",
      // Lists of thousands stay out of deep reactivity: they are replaced ($state.raw), not mutated.
      "svelte/prefer-svelte-reactivity": "off",
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts", "**/*.svelte.js"],
    languageOptions: {
      parserOptions: { extraFileExtensions: [".svelte"], parser: ts.parser, svelteConfig },
    },
  },
  {
    // The editor is a library that a stranger can lift out: it knows neither
    // the framework of the screens nor the way to the core.
    files: ["src/editor/**/*.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              group: ["svelte", "svelte/*", "*.svelte", "@tauri-apps/*", "bits-ui", "@fluent/*", "@lucide/*"],
              message: "The editor is plain TypeScript: no framework, no shell.",
            },
            {
              regex: "(^|/)(ipc|session|views|components|theme|i18n)(/|$)",
              message: "The editor imports nothing of the application around it.",
            },
          ],
        },
      ],
    },
  },
  {
    files: ["*.config.{js,ts}", "bench/**", "tests/**"],
    languageOptions: { globals: { ...globals.node } },
    rules: { "no-console": "off" },
  },
);
