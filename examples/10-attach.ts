/** One process starts a run and ends. Another one, which knows only the run's id, gets the result. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { chain, connect, startWorker } from "arpeggio"
import { add, mul } from "../workflows/math.ts"

const workflow = chain(add(4, 2), mul(3))
await using app = await connect()

if (process.argv[2] === "start") {
  // Nobody serves these tasks yet. When start resolves the work is stored, and this process may go.
  const run = await app.start(workflow)
  console.log(run.id)
} else {
  const self = [...process.execArgv, fileURLToPath(import.meta.url), "start"]
  const other = spawnSync(process.execPath, self, { encoding: "utf8" })
  const run = app.attach(other.stdout.trim(), workflow)
  console.log("before", await run.status())

  await using _worker = await startWorker([add, mul], { print: () => {} })
  console.log("result", await run.result())
  console.log("after", await run.status())
}

// Output:
// before pending
// result 18
// after Succeeded
