/** After close nothing of the broker keeps a process alive. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { expect, onTestFinished, test } from "vitest"
import { connecting, stuckAt } from "./hole.ts"
import { brokerForTest, bytes, record, serverForTest } from "./fixture.ts"

const source = fileURLToPath(new URL("../../src/nats/broker.ts", import.meta.url))

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
