/** A process of a project: finds its server, says what it found, and does what standard input says. */
import { createInterface } from "node:readline"
import { findServer } from "../../src/dev-server/find.ts"
import { probe } from "../../src/dev-server/probe.ts"

const found = await findServer({ say: (line) => console.log(JSON.stringify({ said: line })) })
console.log(JSON.stringify({ source: found.source, servers: found.servers }))

const mode = process.argv[2] ?? "obey"

if (mode === "drain") {
  process.once("SIGINT", async () => {
    const answer = await probe(Number(new URL(found.servers[0]!).port))
    console.log(JSON.stringify({ drained: answer.kind }))
    await found.release()
    process.exit(0)
  })
}

if (mode !== "idle") {
  for await (const command of createInterface({ input: process.stdin })) {
    if (command === "release") {
      await found.release()
      console.log(JSON.stringify({ released: true }))
    } else if (command === "exit") {
      process.exit(3)
    } else if (command === "throw") {
      setImmediate(() => {
        throw new Error("a bug of the program")
      })
    }
  }
}
