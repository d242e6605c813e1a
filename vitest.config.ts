import { fileURLToPath } from "node:url"
import { configDefaults, defineConfig, type ViteUserConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/**
 * The files that take longest, so that none of them is left over at the end; beside each that computes stand two or three that
 * wait. Each has a process of its own, whose memory goes with it.
 */
const slowest = [
  "engine/kill-points",
  "engine/kill-points-others",
  "worker/ending",
  "worker/stopping",
  "nats/refusals",
  "facts/unserved",
  "docs/docs",
  "engine/kill-points-odd",
  "examples/examples",
  "examples/web-app",
  "facts/lame-duck",
  "engine/kill-points-cancel",
  "facts/broker-away",
  "health/cuts",
  "types/cost",
  "facts/set-clock",
  "health/connection",
  "types/declarations",
  "dev-server/sharing",
  "dev-server/crashes",
  "engine/firing-live",
  "facts/large-values",
  "types/refusals",
  "nats/bytes",
  "engine/kill-points-timers",
  "engine/same-moment",
  "property/memory"
]

/** Files that change the process in which they run: its environment, its signals, what it prints, or what it knows of numbers. */
const alone = [
  "define/json-text",
  "docs/deploying",
  "result/caller",
  "dev-server/*",
  "worker/awake",
  "worker/broken-print",
  "worker/listeners",
  "worker/negative-zero",
  "worker/serve"
]

const paths = (names: ReadonlyArray<string>): Array<string> =>
  names.map((name) => `test/${name}.test.ts`)

const first = paths(slowest).map((path) => source(`./${path}`))

class SlowestFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const place = ({ moduleId, project }: TestSpecification): number => {
      const at = first.indexOf(moduleId)
      if (at >= 0) return at
      // A process that files share ends where one comes between them that has its own.
      return project.name === "alone" ? first.length : first.length + 1
    }
    // oxlint-disable-next-line unicorn/no-array-sort -- not of an array
    const usual = await super.sort(files)
    return usual.toSorted((one, other) => place(one) - place(other))
  }
}

const isolated = paths([...slowest, ...alone])

// Three servers at once, or a disk of its own, for minutes: `npm run test:cluster`.
const others = [...configDefaults.exclude, "test/cluster/**"]

const resolve = {
  alias: [
    { find: /^arpeggio\/contract$/, replacement: source("./src/contract.ts") },
    { find: /^arpeggio\/testing$/, replacement: source("./src/testing/index.ts") },
    { find: /^arpeggio$/, replacement: source("./src/index.ts") }
  ]
}

/** What comes to pass is waited for, and is late on a machine that has other things to do: these end what never does. */
const patience = {
  testTimeout: 60_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 15_000 } }
}

const config: ViteUserConfig = defineConfig({
  resolve,
  test: {
    globalSetup: ["test/programs-folder.ts"],
    // More files than cores: most of their time is waiting for servers and processes.
    maxWorkers: 6,
    sequence: { sequencer: SlowestFirst },
    projects: [
      { resolve, test: { name: "alone", include: isolated, exclude: others, ...patience } },
      // Loading the library takes a process half a second: files that leave it as they found it share one.
      {
        resolve,
        test: {
          name: "shared",
          include: ["test/**/*.test.ts"],
          exclude: [...others, ...isolated],
          isolate: false,
          ...patience
        }
      }
    ]
  }
})

export default config
