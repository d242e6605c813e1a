/** The client process of the soak: one connection for all its runs, told its pace by its parent, which it tells how it is going. */
import { appendFileSync } from "node:fs"
import { clientOver } from "arpeggio/testing"
import { connectNats } from "../../../src/nats/broker.ts"
import { usualTiming } from "../../../src/nats/timing.ts"
import { seededRandom } from "../../../src/testing/memory/random.ts"
import { collectEvery, watchHeap, type Collected } from "../watched.ts"
import { Load, type Counts, type Pace, type Unfinished } from "./load.ts"

/** What the client tells, once a second. */
export interface ClientWord {
  readonly at: number
  readonly counts: Counts
  readonly underWay: number
  /** The oldest of them. */
  readonly unfinished: ReadonlyArray<Unfinished>
  readonly complaints: ReadonlyArray<string>
  readonly collected: ReadonlyArray<Collected>
}

const env = process.env as Record<string, string>
if (env["COLLECT"] !== undefined) collectEvery(Number(env["COLLECT"]))
const broker = await connectNats(
  { servers: env["NATS_URL"]!, namespace: env["ARPEGGIO_NAMESPACE"]! },
  { ...usualTiming, lease: 2_000 }
)
const app = await clientOver(broker, { retention: env["RETENTION"]! as "60 seconds" })
appendFileSync(env["HOOKED"]!, "")
const load = new Load(app, seededRandom(Number(env["SEED"])), env["HOOKED"]!)
const collected = watchHeap()

process.on("message", (pace: Pace | "end") => {
  if (pace !== "end") load.pace = pace
  else void app.close().then(() => process.exit(0))
})
process.on("disconnect", () => process.exit(1))
setInterval(() => {
  const { unfinished } = load
  const word: ClientWord = {
    at: Date.now(),
    counts: load.counts,
    underWay: unfinished.length,
    unfinished: unfinished.toSorted((one, other) => other.seconds - one.seconds).slice(0, 8),
    complaints: load.complaints,
    collected: collected()
  }
  process.send!(word)
}, 1_000)
