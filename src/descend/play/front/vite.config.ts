import { defineConfig } from "vite";

// One file with everything in it: a notebook loads it alone, the page by public/page.js.
export default defineConfig({
  build: {
    outDir: "../static",
    emptyOutDir: true,
    target: "es2022",
    cssCodeSplit: false,
    license: { fileName: "licences.md" },
    rolldownOptions: {
      input: { descend: "src/descend.tsx" },
      preserveEntrySignatures: "strict",
      output: {
        format: "es",
        entryFileNames: "[name].js",
        codeSplitting: false,
        assetFileNames: (asset) => (asset.names[0]?.endsWith(".css") ? "descend.css" : "[name][extname]"),
      },
    },
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: { include: ["src/**/*.test.ts", "src/**/*.test.tsx"], css: true },
} as never);
