/** A worker process that dies at the call its environment names; `KILL_AT` 0 never. Serves the canvas and the random tasks. */
import { writeSync } from "node:fs"
import { connectNats } from "../../src/nats/broker.ts"
import { usualTiming } from "../../src/nats/timing.ts"
import { workerOver } from "../../src/testing/index.ts"
import { canvasTasks } from "../fixtures/tasks.ts"
import { randomTasks } from "../property/tasks.ts"
import { doomedBroker, type Doom } from "./doomed-broker.ts"

const { NATS_URL, ARPEGGIO_NAMESPACE, KILL_AT, KILL_HOW, LEASE } = process.env

const broker = await connectNats(
  { servers: NATS_URL!, namespace: ARPEGGIO_NAMESPACE! },
  { ...usualTiming, lease: Number(LEASE) }
)
const told = (verb: string): void => void writeSync(1, `${verb}\n`)
const doomed = doomedBroker(broker, Number(KILL_AT), KILL_HOW as Doom, told)
await workerOver(doomed, [...canvasTasks, ...randomTasks] as never, { maxCrashes: 1_000 })
told("ready")
