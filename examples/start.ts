/** `npm start`: a chain, a group, a chord and a mix of them, computed by a worker in a process of its own. */
import { fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { chain, chord, connect, group, type Workflow } from "arpeggio"
import { add, mul, sum } from "../workflows/math.ts"

console.log(`This process, ${process.pid}, is the client: it asks.`)
await using app = await connect()

const worker = fork(fileURLToPath(new URL("start/worker.ts", import.meta.url)))
process.on("exit", () => worker.kill())
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1))
const ended = once(worker, "exit")
await Promise.race([
  once(worker, "message"),
  ended.then(() => Promise.reject(new Error("the worker did not start")))
])
console.log(`Process ${worker.pid} is the worker: it does. They meet on the server, nowhere else.`)

const show = async (text: string, workflow: Workflow<void, unknown>): Promise<void> => {
  console.log(`\n${text}`)
  console.log("  answer:", await app.run(workflow))
}

await show("chain: add(4, 2), then mul(3)", chain(add(4, 2), mul(3)))

await show("group: add(1, 1) and mul(5, 5) side by side", group(add(1, 1), mul(5, 5)))

await show(
  "chord: three additions side by side, then the sum of them all",
  chord([add(1, 1), add(2, 2), add(3, 3)], sum())
)

await show(
  "mixed: add(1, 2), then mul(10) beside mul(2) and add(1), then the sum of both",
  chain(add(1, 2), group(mul(10), chain(mul(2), add(1))), sum())
)

worker.kill("SIGTERM")
await ended
console.log("\nThe worker has finished and ended. Next: README.md, then examples/01-hello.")

// Output:
// This process, 1, is the client: it asks.
// Process 2 is the worker: it does. They meet on the server, nowhere else.
//
// chain: add(4, 2), then mul(3)
//   worker 2: add(4, 2) = 6
//   worker 2: mul(6, 3) = 18
//   answer: 18
//
// group: add(1, 1) and mul(5, 5) side by side
//   worker 2: add(1, 1) = 2
//   worker 2: mul(5, 5) = 25
//   answer: [ 2, 25 ]
//
// chord: three additions side by side, then the sum of them all
//   worker 2: add(1, 1) = 2
//   worker 2: add(2, 2) = 4
//   worker 2: add(3, 3) = 6
//   worker 2: sum(2, 4, 6) = 12
//   answer: 12
//
// mixed: add(1, 2), then mul(10) beside mul(2) and add(1), then the sum of both
//   worker 2: add(1, 2) = 3
//   worker 2: mul(3, 10) = 30
//   worker 2: mul(3, 2) = 6
//   worker 2: add(6, 1) = 7
//   worker 2: sum(30, 7) = 37
//   answer: 37
//
// The worker has finished and ended. Next: README.md, then examples/01-hello.
