/** A full account in health: each of its problems comes, and goes. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { chain, map, task } from "arpeggio"
import { brokerForTest, serverForTest } from "../nats/fixture.ts"
import { clientAt, double, namespace, workerAt } from "../facts/place.ts"
import { appears, goes } from "./appears.ts"

const account = `accounts { A { jetstream { max_mem: 1MB, max_file: 2MB }, users: [{ user: u, password: p }] } }\nno_auth_user: u`

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
  await appears(app, /the account has .* left of 2\.0 MB .*: new runs are refused/)
  await expect.poll(() => app.start(double(1)).catch((cause) => cause.reason)).toBe("Full")
  await empty()
  await goes(app, "new runs are refused")
  expect(await app.health()).toMatchObject({ ok: true, problems: [], room: { of: "account" } })
  await workerAt(server)
  await expect.poll(() => app.run(double(1)).catch(String)).toBe(2)
})

test("there is no room to begin calls of groups and maps", async () => {
  const words = /there is no room to begin calls of groups and maps: 3 wait/
  const server = await serverForTest({ configuration: account })
  const app = await clientAt(server)
  let goOn = (): void => {}
  const open = new Promise<void>((resolve) => (goOn = resolve))
  const list = task("facts.list", { input: [], output: Schema.Array(Schema.Finite) }, async () => {
    await open
    return [1, 2, 3]
  })
  const worker = await workerAt(server, [list, double])
  const members = await app.start(chain(list(), map(double())))
  const { leave, empty } = await filler(server.url)
  await leave(30_000)
  goOn()
  await appears(worker, words, 10_000)
  await empty()
  expect(await members.result()).toEqual([2, 4, 6])
  await goes(worker, words, 10_000)
})

/** Tasks that end when they are told to, the one with much and the other with little. */
const ending = () => {
  let goOn = (): void => {}
  const open = new Promise<void>((resolve) => (goOn = resolve))
  const executed: Array<string> = []
  const large = task("facts.large", { input: [], output: Schema.String }, async () => {
    executed.push("large")
    await open
    return "x".repeat(200_000)
  })
  const small = task(
    "facts.small",
    { input: [Schema.Finite], output: Schema.Finite },
    async (x) => {
      executed.push("small")
      await open
      return x
    }
  )
  return { large, small, executed, goOn }
}

test("what is large cannot be stored", async () => {
  const words = "what is large cannot be stored: 1 record waits here"
  const server = await serverForTest({ configuration: account })
  const app = await clientAt(server)
  const { large, small, executed, goOn } = ending()
  const worker = await workerAt(server, [large, small])
  const run = await app.start(large())
  const others = await Promise.all([1, 2, 3].map((x) => app.start(small(x))))
  await expect.poll(() => executed.length).toBe(4)
  const { leave, empty } = await filler(server.url)
  await leave(50_000)
  goOn()
  await appears(worker, words, 10_000)
  expect(await Promise.all(others.map((other) => other.result()))).toEqual([1, 2, 3])
  await empty()
  expect(await run.result()).toHaveLength(200_000)
  expect(executed).toHaveLength(4)
  await goes(worker, words, 10_000)
})

test("nothing can be stored, so no further calls are taken", async () => {
  const words = /nothing can be stored, so no further calls are taken: \d+ records wait here/
  const server = await serverForTest({ configuration: account })
  const app = await clientAt(server)
  const { small, executed, goOn } = ending()
  const worker = await workerAt(server, [small])
  const runs = await Promise.all([1, 2, 3].map((x) => app.start(small(x))))
  await expect.poll(() => executed.length).toBe(3)
  const { leave, empty } = await filler(server.url)
  await leave(0)
  goOn()
  await appears(worker, words, 10_000)
  await empty()
  expect(await Promise.all(runs.map((run) => run.result()))).toEqual([1, 2, 3])
  expect(executed).toHaveLength(3)
  await goes(worker, words, 10_000)
})
