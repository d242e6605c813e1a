/** Arpeggio's worker, as a deployment would start it. */
import { startWorker } from "arpeggio"
import type { Place } from "../../system.ts"
import { placeOf } from "./place.ts"
import { echo, inc, sum } from "./tasks.ts"

const place = JSON.parse(process.argv[2]!) as Place
await startWorker([inc, echo, sum], { ...placeOf(place), concurrency: place.concurrency })
console.log("ready")
