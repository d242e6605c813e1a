/** A full account in health: each of its problems comes, and goes. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { chain, map, task } from "arpeggio"
import type { Health } from "arpeggio"
import { brokerForTest, serverForTest } from "../transport/nats-fixture.ts"
import { clientAt, double, namespace, workerAt } from "../facts/place.ts"

const account = `accounts { A { jetstream { max_mem: 1MB, max_file: 2MB }, users: [{ user: u, password: p }] } }\nno_auth_user: u`

const problems = async (asked: { health(): Promise<Health> }): Promise<string> =>
  (await asked.health()).problems.join("\n")

/** Takes the namespace's own room, in values of a run that is none, until so many bytes are left. */
const filler = async (url: string) => {
  const broker = await brokerForTest({ url }, {}, { namespace })
  const subject = (at: number): string => `${namespace}.v._._._.app.i1.filler.${at}._`
  const leave = async (bytes: number): Promise<void> => {
    for (let at = 0; ; at += 1) {
      const { room } = await broker.health()
      const size = Math.min(100_000, room!.left - bytes - 200)
      if (size <= 0) return
      await broker.publish({ subject: subject(at), body: new Uint8Array(size) })
    }
  }
  const empty = () => broker.purge(`${namespace}.v._._._.app.i1.filler.*.*`)
  return { leave, empty }
}

test("new runs are refused", async () => {
  const server = await serverForTest({ configuration: account })
  const app = await clientAt(server)
  const { leave, empty } = await filler(server.url)
  await leave(150_000)
  expect(await problems(app)).toMatch(/the account has .* left of 2\.0 MB .*: new runs are refused/)
  await expect.poll(() => app.start(double(1)).catch((cause) => cause.reason)).toBe("Full")
  await empty()
  expect(await app.health()).toMatchObject({ ok: true, problems: [], room: { of: "account" } })
  await workerAt(server)
  await expect.poll(() => app.run(double(1)).catch(String)).toBe(2)
})

test("calls of groups and maps wait for room, and what is large waits beside what is small", async () => {
  const server = await serverForTest({ configuration: account })
  const app = await clientAt(server)
  const executed: Array<number> = []
  const large = task("facts.large", { input: [Schema.Finite], output: Schema.String }, (size) => {
    executed.push(size)
    return "x".repeat(size)
  })
  let goOn = (): void => {}
  const open = new Promise<void>((resolve) => (goOn = resolve))
  const list = task("facts.list", { input: [], output: Schema.Array(Schema.Finite) }, async () => {
    await open
    return [1, 2, 3]
  })
  const worker = await workerAt(server, [large, list, double])
  const members = await app.start(chain(list(), map(double())))
  const { leave, empty } = await filler(server.url)
  const text = await app.start(large(150_000).with({ retry: { times: 0 } }))
  expect(await text.result()).toHaveLength(150_000)
  await leave(30_000)
  goOn()
  await expect
    .poll(() => problems(worker), { timeout: 10_000 })
    .toMatch(/3 calls of groups and maps: there is no room to begin them/)
  await empty()
  expect(await members.result()).toEqual([2, 4, 6])
  await expect.poll(() => problems(worker), { timeout: 10_000 }).toBe("")
})

test("an outcome larger than what is left waits, smaller work goes on, and it is not executed again", async () => {
  const server = await serverForTest({ configuration: account })
  const app = await clientAt(server)
  let executed = 0
  let goOn = (): void => {}
  const open = new Promise<void>((resolve) => (goOn = resolve))
  const large = task("facts.large", { input: [], output: Schema.String }, async () => {
    executed += 1
    await open
    return "x".repeat(200_000)
  })
  const small = task(
    "facts.small",
    { input: [Schema.Finite], output: Schema.Finite },
    async (x) => {
      await open
      return x
    }
  )
  const worker = await workerAt(server, [large, small])
  const run = await app.start(large())
  const others = await Promise.all([1, 2, 3].map((x) => app.start(small(x))))
  await expect.poll(() => executed).toBe(1)
  const { leave, empty } = await filler(server.url)
  await leave(50_000)
  goOn()
  await expect
    .poll(() => problems(worker), { timeout: 10_000 })
    .toContain("what is large cannot be stored: 1 record waits here")
  expect(await Promise.all(others.map((other) => other.result()))).toEqual([1, 2, 3])
  await empty()
  expect(await run.result()).toHaveLength(200_000)
  expect(executed).toBe(1)
  await expect.poll(() => problems(worker), { timeout: 10_000 }).toBe("")
})
