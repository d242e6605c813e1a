import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^arpeggio\/testing$/, replacement: source("./src/testing/index.ts") },
      { find: /^arpeggio$/, replacement: source("./src/index.ts") }
    ]
  },
  test: {
    include: ["test/**/*.test.ts"],
    // More files than cores: most of their time is waiting for servers and processes.
    maxWorkers: 3,
    testTimeout: 20_000,
    hookTimeout: 20_000
  }
})
