/** `npm start`: a chain, a group, a chord and a nested mix, computed by a worker in a process of its own. */
import { fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { chain, chord, connect, group, type Workflow } from "arpeggio"
import { add, mul, sum } from "../workflows/math.ts"

console.log(`This is the client, process ${process.pid}. It asks; a worker does.`)
await using app = await connect()

const worker = fork(fileURLToPath(new URL("start/worker.ts", import.meta.url)))
process.on("exit", () => worker.kill())
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1))
const ended = once(worker, "exit")
const ready = once(worker, "message")
await Promise.race([ready, ended.then(() => Promise.reject(new Error("the worker did not start")))])
console.log(`The worker is process ${worker.pid}. It found the same server, and waits for work.`)

const show = async (text: string, workflow: Workflow<void, unknown>): Promise<void> => {
  console.log(`\n${text}`)
  console.log("  answer", await app.run(workflow))
}

await show("chain: add(4, 2), then mul(3)", chain(add(4, 2), mul(3)))

await show("group: add(1, 1) and mul(5, 5), side by side", group(add(1, 1), mul(5, 5)))

await show(
  "chord: three additions, and when all have succeeded, their sum",
  chord([add(1, 1), add(2, 2), add(3, 3)], sum())
)

await show(
  "all at once: 1 + 2, that times 10 beside that times 2 plus 1, then the sum of both",
  chain(add(1, 2), group(mul(10), chain(mul(2), add(1))), sum())
)

worker.kill("SIGTERM")
await ended
console.log("\nThe worker finished what it had and ended. Next: README.md, or examples/01-hello.")
