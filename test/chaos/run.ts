/** The command `npm run chaos -- --storm <name> [--seed N] [--scale F] [--servers 3] [--only HARM] [--keep]`: plays one storm and prints one line of JSON. */
import { parseArgs } from "node:util"
import { leaderStorm } from "../cluster/leader.ts"
import { playStorm, type Storm } from "./stage.ts"
import { cancel } from "./storms/cancel.ts"
import { fuzz } from "./storms/fuzz.ts"
import { keyed } from "./storms/keyed.ts"
import { kills } from "./storms/kills.ts"
import { night } from "./storms/night.ts"
import { outage } from "./storms/outage.ts"
import { poison } from "./storms/poison.ts"
import { sigterm } from "./storms/sigterm.ts"
import { soak } from "./storms/soak.ts"
import { time } from "./storms/time.ts"
import { trickle } from "./storms/trickle.ts"

const storms: ReadonlyArray<Storm> = [
  kills,
  outage,
  sigterm,
  poison,
  cancel,
  fuzz,
  keyed,
  night,
  soak,
  time,
  trickle
]

const { values } = parseArgs({
  options: {
    storm: { type: "string" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    scale: { type: "string", default: "1" },
    servers: { type: "string", default: "1" },
    only: { type: "string" },
    keep: { type: "boolean", default: false }
  }
})
const storm = storms.find(({ name }) => name === values.storm)
/** Three servers instead of one: it sets up its own place. */
const leader = values.storm === "leader"
const seed = Number(values.seed)
const scale = Number(values.scale)
if ((storm === undefined && !leader) || !Number.isSafeInteger(seed) || !(scale > 0)) {
  process.stderr.write(
    `npm run chaos -- --storm ${storms.map(({ name }) => name).join("|")}|leader [--seed 1] [--scale 0.1] [--servers 3] [--only full] [--keep]\n`
  )
  process.exit(2)
}
const say = (line: string): void => void process.stderr.write(`${line}\n`)
const report =
  storm === undefined
    ? await leaderStorm({ seed, say, chords: Math.ceil(500 * scale), each: Math.ceil(4 * scale) })
    : await playStorm(storm, {
        seed,
        scale,
        servers: values.servers === "3" ? 3 : 1,
        keep: values.keep,
        say,
        ...(values.only === undefined ? {} : { only: values.only })
      })
process.stdout.write(`${JSON.stringify(report)}\n`, () =>
  process.exit(report.missed.length === 0 ? 0 : 1)
)
