/** Fact: a server in lame duck mode stops its JetStream at once, and keeps its connections for as long as two minutes. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { task } from "arpeggio"
import { serverForTest } from "../nats/fixture.ts"
import { clientAt, double, tookHere, workerAt } from "./place.ts"

/** The shortest that the server takes; connections are closed from a minute after the signal on. */
const slowly = `lame_duck_duration: "90s"\nlame_duck_grace_period: "60s"`

const gated = (): {
  readonly held: ReturnType<typeof make>
  readonly begun: () => number
  readonly open: () => void
} => {
  let begun = 0
  let open: () => void = () => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  const held = make(async (x) => {
    begun += 1
    await opened
    return x
  })
  return { held, begun: () => begun, open }
}

const make = (handler: (x: number) => Promise<number>) =>
  task("facts.held", { input: [Schema.Finite], output: Schema.Finite }, handler)

test("a server that is alone is left when it says that it goes, which is told; what waits goes on when it is back", async () => {
  const server = await serverForTest({ configuration: slowly })
  const lines: Array<string> = []
  const print = (line: string): void => void lines.push(line)
  const { held, begun, open } = gated()
  const worker = await workerAt(server, [double, held], {}, { print })
  const app = await clientAt(server)
  const holding = app.run(held(7))
  await expect.poll(begun).toBe(1)
  process.kill(server.pid, "SIGUSR2")
  await expect.poll(() => lines.join("\n")).toContain("is being stopped (lame duck mode)")
  await expect.poll(async () => (await worker.health()).connection.connected).toBe(false)
  expect((await worker.health()).problems.join()).toMatch(/not connected to NATS/)
  // What ends meanwhile is stored, and what is started meanwhile is sent, when it is back.
  open()
  const waiting = app.run(double(2))
  await server.restart()
  const recovery = await tookHere(async () => expect(await waiting).toBe(4))
  expect(recovery).toBeLessThan(5_000)
  expect(await holding).toBe(7)
  expect(begun()).toBe(1)
  await expect.poll(async () => (await worker.health()).problems).toEqual([])
  expect(lines.filter((line) => line.includes("lame duck"))).toHaveLength(1)
  expect(lines.filter((line) => line.includes("connected to NATS at"))).toHaveLength(1)
})

test("a second time is told and left as the first", async () => {
  const server = await serverForTest({ configuration: slowly })
  const lines: Array<string> = []
  const print = (line: string): void => void lines.push(line)
  await workerAt(server, [double], {}, { print })
  const app = await clientAt(server)
  for (const time of [1, 2]) {
    process.kill(server.pid, "SIGUSR2")
    const told = (): number => lines.filter((line) => line.includes("lame duck")).length
    await expect.poll(told).toBe(time)
    await server.restart()
    expect(await app.run(double(time))).toBe(2 * time)
  }
})

test("a process that closes while the server goes ends at once", async () => {
  const server = await serverForTest({ configuration: slowly })
  const worker = await workerAt(server)
  const app = await clientAt(server)
  expect(await app.run(double(1))).toBe(2)
  process.kill(server.pid, "SIGUSR2")
  await expect.poll(async () => (await worker.health()).connection.connected).toBe(false)
  expect(await tookHere(() => Promise.all([app.close(), worker.drain()]))).toBeLessThan(3_000)
})
