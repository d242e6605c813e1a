/** `npm run storm:leader -- --seed 7`: the leader storm alone; prints one JSON line and ends with 1 when a promise did not hold. */
import { parseArgs } from "node:util"
import { leaderStorm } from "./leader.ts"

const { values } = parseArgs({ options: { seed: { type: "string" } } })
const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed)
const report = await leaderStorm({ seed, say: (line) => console.error(line) })
console.log(JSON.stringify(report))
process.exitCode = report.missed.length === 0 ? 0 : 1
