import { fileURLToPath } from "node:url"
import { configDefaults, defineConfig, type ViteUserConfig } from "vitest/config"

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const config: ViteUserConfig = defineConfig({
  resolve: {
    alias: [
      { find: /^arpeggio\/testing$/, replacement: source("./src/testing/index.ts") },
      { find: /^arpeggio$/, replacement: source("./src/index.ts") }
    ]
  },
  test: {
    include: ["test/**/*.test.ts"],
    // Three servers at once, for minutes: `npm run test:cluster`.
    exclude: [...configDefaults.exclude, "test/cluster/**"],
    globalSetup: ["test/programs-folder.ts"],
    // More files than cores: most of their time is waiting for servers and processes.
    maxWorkers: 3,
    testTimeout: 20_000,
    hookTimeout: 20_000
  }
})

export default config
