/** `npm run test:cluster`: what must hold on three servers with three copies of everything, one file at a time. */
import { configDefaults, defineConfig } from "vitest/config"
import single from "./vitest.config.ts"

export default defineConfig({
  ...single,
  test: {
    include: ["test/cluster/**/*.test.ts"],
    exclude: configDefaults.exclude,
    // The servers of one file alone keep this machine's cores busy.
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000
  }
})
