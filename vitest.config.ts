import { fileURLToPath } from "node:url"
import { configDefaults, defineConfig, type ViteUserConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The files that take longest, so that none of them is left over at the end; beside each that computes stand two that wait. */
const slowest = [
  "engine/kill-points",
  "worker/ending",
  "worker/stopping",
  "engine/kill-points-odd",
  "transport/nats-refusals",
  "facts/unserved",
  "engine/kill-points-cancel",
  "health/slow-disk",
  "examples/examples",
  "examples/web-app",
  "docs/docs",
  "types/declarations",
  "facts/lame-duck",
  "facts/broker-away",
  "types/cost",
  "engine/kill-points-timers",
  "health/cuts",
  "facts/large-values",
  "engine/firing-live",
  "health/connection",
  "facts/set-clock",
  "property/memory"
].map((name) => source(`./test/${name}.test.ts`))

class SlowestFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = slowest.indexOf(moduleId)
      return at < 0 ? slowest.length : at
    }
    // oxlint-disable-next-line unicorn/no-array-sort -- not of an array
    const usual = await super.sort(files)
    return usual.toSorted((one, other) => place(one) - place(other))
  }
}

const config: ViteUserConfig = defineConfig({
  resolve: {
    alias: [
      { find: /^arpeggio\/contract$/, replacement: source("./src/contract.ts") },
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
    sequence: { sequencer: SlowestFirst },
    testTimeout: 20_000,
    hookTimeout: 20_000
  }
})

export default config
