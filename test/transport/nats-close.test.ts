/** After close nothing of the broker keeps a process alive. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { readFile } from "node:fs/promises"
import { connect } from "node:net"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { expect, onTestFinished, test } from "vitest"
import { brokerForTest, bytes, record, serverForTest } from "./nats-fixture.ts"

const source = fileURLToPath(new URL("../../src/transport/nats/broker.ts", import.meta.url))

const program = `
import { connectNats } from ${JSON.stringify(source)}
const broker = await connectNats({ servers: process.argv[1], namespace: "shop" })
const consumption = await broker.consume({ queue: "q", level: "0" }, () => undefined)
consumption.pull(10)
await broker.replies("app", "i1", undefined, () => undefined)
await broker.listen("topic", () => undefined)
const writing = broker.publish({ subject: "shop.i._._._.app.i1.run1.1._", body: new Uint8Array(1) })
const began = Date.now()
await broker.close()
console.log(JSON.stringify({ ...(await writing), ended: (await broker.ended) ?? "closed" }))
process.on("exit", () => console.log(Date.now() - began < 3000 ? "at once" : "late"))
`

test("the process ends by itself, with everything stored", async () => {
  const server = await serverForTest()
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "--eval", program, server.url],
    { stdio: ["ignore", "pipe", "inherit"] }
  )
  let output = ""
  child.stdout.on("data", (chunk) => {
    output += String(chunk)
  })
  const [code] = await once(child, "close")
  expect(code).toBe(0)
  expect(output.trim().split("\n")).toEqual([
    '{"stored":true,"duplicate":false,"ended":"closed"}',
    "at once"
  ])
})

test("close while the server is away ends at once, and what was not answered is said", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server)
  const consumption = await broker.consume({ queue: "q", level: "0" }, () => undefined)
  consumption.pull(1)
  await server.stop()
  const writing = broker.publish({ subject: record("run1"), body: bytes("x") })
  const outcome = expect(writing).rejects.toMatchObject({
    reason: expect.stringMatching(/Closed|Unknown/)
  })
  await broker.close()
  await outcome
  await expect(broker.read(record("run1"))).rejects.toMatchObject({ reason: "Closed" })
  expect(await broker.ended).toBeUndefined()
})

test("close while the server says nothing any more ends all the same", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server)
  const consumption = await broker.consume({ queue: "q", level: "0" }, () => undefined)
  consumption.pull(1)
  process.kill(server.pid, "SIGSTOP")
  try {
    const began = performance.now()
    await consumption.stop()
    await broker.close()
    expect(performance.now() - began).toBeLessThan(9_000)
    expect(await broker.ended).toBeUndefined()
  } finally {
    process.kill(server.pid, "SIGCONT")
  }
}, 20_000)

/** A port that takes connections until its queue is full, and then lets packets vanish. */
const hole = `
const { createServer } = require("node:net")
createServer().listen({ port: Number(process.argv[1]), host: "127.0.0.1", backlog: 1 }, () => console.log("up"))
`

const leaver = `
import { connectNats } from ${JSON.stringify(source)}
const broker = await connectNats({ servers: process.argv[1], namespace: "shop" })
console.log("open")
process.stdin.once("data", async () => {
  const began = Date.now()
  await broker.close()
  process.stdin.destroy()
  process.on("exit", () => console.log(Date.now() - began < 3000 ? "at once" : "late"))
})
`

test.skipIf(process.platform !== "linux")(
  "close while connecting again hangs keeps no process",
  async () => {
    const server = await serverForTest()
    const child = spawn(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "--eval", leaver, server.url],
      { stdio: ["pipe", "pipe", "inherit"] }
    )
    onTestFinished(() => void child.kill("SIGKILL"))
    const lines: Array<string> = []
    createInterface({ input: child.stdout }).on("line", (line) => lines.push(line))
    await expect.poll(() => lines, { timeout: 10_000 }).toEqual(["open"])
    const { port } = server
    server.kill()
    const stuck = await stuckAt(port)
    // Its first attempts are over or under way: one is made every quarter to half a second.
    await expect.poll(() => connecting(port), { timeout: 10_000 }).toBe(true)
    child.stdin.write("now")
    const [code] = await once(child, "close")
    stuck.kill("SIGKILL")
    expect(code).toBe(0)
    expect(lines).toEqual(["open", "at once"])
  },
  30_000
)

const stuckAt = async (port: number): Promise<ChildProcess> => {
  const stuck = spawn(process.execPath, ["--eval", hole, String(port)], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  onTestFinished(() => void stuck.kill("SIGKILL"))
  await once(stuck.stdout, "data")
  stuck.kill("SIGSTOP")
  const fillers = Array.from({ length: 6 }, () => connect(port, "127.0.0.1"))
  for (const filler of fillers) filler.on("error", () => {})
  onTestFinished(() => {
    for (const filler of fillers) filler.destroy()
  })
  // Those that are in stay; those that hang would be taken for the ones that are looked for.
  await expect.poll(() => fillers.filter((filler) => !filler.connecting).length).toBe(2)
  for (const filler of fillers) if (filler.connecting) filler.destroy()
  return stuck
}

/** Whether anybody's connection to the port is being made without an answer, as the kernel lists them (SYN_SENT). */
const connecting = async (port: number): Promise<boolean> => {
  const to = `:${port.toString(16).toUpperCase().padStart(4, "0")} 02 `
  return (await readFile("/proc/net/tcp", "utf8")).includes(to)
}
