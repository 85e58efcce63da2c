import js from "@eslint/js";
import prettier from "eslint-config-prettier";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";
import svelteConfig from "./svelte.config.js";

const jobs = ["cards", "counter", "leads", "referrers", "imports", "opening", "settings", "sync"];
const tauri = { group: ["@tauri-apps/*"], message: "Only api/call.ts talks to Tauri." };

export default ts.config(
  { ignores: ["dist", "dist-mock", "node_modules", "src/api/bindings.ts"] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  prettier,
  ...svelte.configs.prettier,
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
  },
  {
    rules: {
      "svelte/no-at-html-tags": "error",
      // Caches and moments are meant to be plain; what is shown lives in $state.
      "svelte/prefer-svelte-reactivity": "off",
      "no-undef": "off", // TypeScript knows the names; ESLint does not know its types.
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "no-restricted-imports": ["error", { patterns: [tauri] }],
    },
  },
  { files: ["src/api/call.ts", "src/mock/**", "**/*.test.ts"], rules: { "no-restricted-imports": "off" } },
  // Rule 5 of the house: shared/ knows no job, and jobs don't import each other.
  {
    files: ["src/shared/**"],
    ignores: ["**/*.test.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [tauri, { group: jobs.map((job) => `**/${job}/**`), message: "shared/ knows no job." }] },
      ],
    },
  },
  ...jobs.map((job) => ({
    files: [`src/${job}/**`],
    ignores: ["**/*.test.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            tauri,
            {
              group: jobs.filter((other) => other !== job).map((other) => `../${other}/**`),
              message: "Jobs don't import each other.",
            },
          ],
        },
      ],
    },
  })),
);
