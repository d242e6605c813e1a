/** Runs, dead letters and schedules from a terminal, over a real server. */
import * as Schema from "effect/Schema"
import { afterAll, beforeAll, expect, it } from "vitest"
import { connect, startWorker, task } from "arpeggio"
import { add } from "../../workflows/math.ts"
import { type NatsServer, startNatsServer } from "../nats-server.ts"
import { mathFile, openProject, type Project, type Ran } from "./project.ts"

let project: Project
let server: NatsServer

beforeAll(async () => {
  server = await startNatsServer()
  await using app = await connect({ servers: server.url, namespace: "sick", print: () => {} })
  // Looked at when that is a problem.
  await app.start(add(4, 2).with({ queue: "nobody" }))
  project = await openProject({
    ...mathFile,
    "workflows/odd.ts": `
      import * as Schema from "effect/Schema"
      import { step, task } from "arpeggio"
      export class Declined extends Schema.TaggedError<Declined>()("Declined", { why: Schema.String }) {}
      export const fail = task("odd.fail", { input: [], output: Schema.Void, errors: [Declined] }, () => {
        throw new Declined({ why: "expired" })
      })
      export const crash = task("odd.crash", { input: [], output: Schema.Void }, () => {
        throw new Error("oh no")
      })
      export const wait = task("odd.wait", { input: [], output: Schema.Void }, () =>
        new Promise((resolve) => step().signal.addEventListener("abort", () => resolve()))
      )
      export const day = task("odd.day", { input: [Schema.Date], output: Schema.Date }, (at) => at)
    `
  })
})

afterAll(async () => {
  project.remove()
  await server.stop()
})

const run = (...words: ReadonlyArray<string>): Promise<Ran> =>
  project.run(words, { NATS_URL: server.url })

const idIn = ({ out }: Ran): string => out.trim()

it("a worker of some files does what is asked by name, and ends with 0 when it is told to", async () => {
  const worker = project.start(["worker", "--loglevel", "debug"], { NATS_URL: server.url })
  await worker.says("  tasks ")
  expect(await run("run", "math.add", "4", "2")).toEqual({ code: 0, out: "6\n", said: "" })
  expect((await run("run", "math.add", "4", "-2")).out).toBe("2\n")
  const json = await run("run", "math.add", "4", "2", "--json")
  expect(JSON.parse(json.out)).toMatchObject({ _tag: "Succeeded", value: 6 })
  const day = '"2026-02-03T00:00:00.000Z"'
  expect((await run("run", "odd.day", day)).out).toBe(`${day}\n`)
  expect((await run("run", "math.add", "4", "2", "--by-name")).out).toBe("6\n")
  const id = idIn(await run("start", "math.add", "1", "2", "--key", "k"))
  expect(idIn(await run("start", "math.add", "1", "2", "--key", "k"))).toBe(id)
  expect((await run("start", "math.add", "1", "3", "--key", "k")).code).toBe(1)
  expect(await run("result", id, "--wait", "30s")).toEqual({ code: 0, out: "3\n", said: "" })
  expect((await run("show", id)).out).toBe(`${id}  succeeded: 3\n`)
  worker.child.kill("SIGTERM")
  const { code, said, out } = await worker.ended
  expect({ code, out }).toEqual({ code: 0, out: "" })
  expect(said).toContain(`${id} math.add#0  succeeded in`)
  expect(said).toContain("workflows/math.ts was loaded ")
})

it("takes over the worker of a program that calls serve, and lets finish what runs when it is told to stop", async () => {
  project.write({
    "worker.ts": `
      import * as Schema from "effect/Schema"
      import { serve, task } from "arpeggio"
      const slow = task("slow", { input: [], output: Schema.Finite, queue: "slow" }, async () => {
        console.error("slow begins")
        await new Promise((resolve) => process.once("SIGTERM", () => setTimeout(resolve, 300)))
        return 7
      })
      await serve([slow], { concurrency: 3, log: "quiet" })
      console.error("behind serve")
    `
  })
  const worker = project.start(["worker", "worker.ts", "--concurrency", "2"], {
    NATS_URL: server.url
  })
  await worker.says("concurrency  2")
  const id = idIn(await run("start", "slow", "--by-name", "--queue", "slow"))
  await worker.says("slow begins")
  worker.child.kill("SIGTERM")
  const { code, said } = await worker.ended
  expect(code).toBe(0)
  expect(said).toContain("behind serve")
  expect(said).not.toContain("succeeded in")
  expect(await run("result", id)).toEqual({ code: 0, out: "7\n", said: "" })
})

it("of runs that do not succeed, says why and ends with 1", async () => {
  const worker = project.start(["worker", "workflows/odd.ts", "--loglevel", "error"], {
    NATS_URL: server.url
  })
  const failed = await run("run", "odd.fail", "--namespace", "shop")
  expect(failed).toMatchObject({ code: 1, out: "" })
  expect(failed.said).toMatch(/run app-\S+ failed in odd\.fail#0: .*"why":"expired"/)
  const crashed = await run("run", "odd.crash", "--json")
  expect(crashed.code).toBe(1)
  expect(JSON.parse(crashed.out)).toMatchObject({ _tag: "Crashed", name: "Error" })
  const late = await run("run", "odd.wait", "--within", "300ms")
  expect(late).toMatchObject({ code: 4, out: "" })
  const [going] = /app-\w+-\w+/.exec(late.said)!
  expect(await run("cancel", going)).toMatchObject({ code: 0 })
  const id = idIn(await run("start", "odd.wait"))
  expect(await run("result", id)).toMatchObject({ code: 4, out: "" })
  await expect.poll(async () => (await run("show", id)).out).toContain("handler")
  const shown = JSON.parse((await run("status", id, "--json")).out) as object
  expect(shown).toMatchObject({ run: id, waiting: [{ task: "odd.wait", for: "handler" }] })
  expect(await run("cancel", id)).toMatchObject({ code: 0, out: `${id}  Cancelled\n` })
  expect(await run("result", id)).toMatchObject({ code: 1, out: "" })
  worker.child.kill("SIGINT")
  const { code, said } = await worker.ended
  expect(code).toBe(0)
  expect(said).toContain("odd.crash#0  crashed after")
  expect(said).not.toContain("started")
  expect(said).not.toContain("  tasks ")
})

it("of a run that nobody waits for any more, says its id and ends with 130", async () => {
  const worker = project.start(["worker", "workflows/odd.ts", "--namespace", "left"], {
    NATS_URL: server.url
  })
  await worker.says("  tasks ")
  const left = project.start(["run", "odd.wait", "--namespace", "left"], { NATS_URL: server.url })
  await worker.says("odd.wait#0  started")
  left.child.kill("SIGINT")
  const { code, out, said } = await left.ended
  expect({ code, out }).toEqual({ code: 130, out: "" })
  // The worker may have begun before the broker's answer to the start arrived.
  expect(said).toMatch(/run app-\w+-\w+ goes on: arpeggio result|may have been stored/)
  const [id] = /app-\w+-\w+(?= odd\.wait#0)/.exec(worker.said())!
  expect(await run("cancel", id, "--namespace", "left")).toMatchObject({ code: 0 })
  worker.child.kill("SIGTERM")
  expect((await worker.ended).code).toBe(0)
})

it("says that there is no such run, dead letter or schedule", async () => {
  for (const words of [
    ["show", "app-aaaaaaaa-00mx09uraae40lyyfgz4"],
    ["result", "nonsense"],
    ["dead", "drop", "nonsense"],
    ["schedules", "pause", "nonsense"]
  ]) {
    expect(await run(...words)).toMatchObject({ code: 5, out: "" })
  }
})

it("lists, redrives and drops dead letters, named by parts of their ids", async () => {
  expect(await run("dead", "--json")).toMatchObject({ code: 0, out: "[]\n" })
  expect((await run("dead")).out).toBe("no dead letters\n")
  const lost = task("lost", { input: [Schema.String], output: Schema.Void })
  const at = { servers: server.url, namespace: "shop", print: () => {} }
  await using app = await connect(at)
  await using _worker = await startWorker([add], { ...at, patience: "100 millis" })
  const list = async () => (await app.deadLetters.list()).letters
  await app.start(lost("here"))
  await expect.poll(list).toHaveLength(1)
  await app.start(lost("there"))
  await expect.poll(list).toHaveLength(2)
  const [first, second] = await list()
  const table = (await run("dead", "list", "--task", "lost")).out
  expect(table).toContain(first!.id)
  const part = (id: string): string => id.slice(-10)
  const shown = await run("dead", "show", part(first!.id), "--json")
  expect(JSON.parse(shown.out)).toMatchObject({ id: first!.id, arguments: ["here"] })
  expect((await run("dead", "drop", first!.id.slice(0, 10))).said).toContain("is a part of 2 ids")
  const dropped = await run("dead", "drop", part(first!.id))
  expect(dropped).toMatchObject({ code: 0, out: `${first!.id}  dropped\n` })
  const redriven = await run("dead", "redrive", part(second!.id), "--queue", "elsewhere")
  expect(redriven.out).toMatch(/^app-/)
  expect(redriven.code).toBe(0)
  expect(await list()).toEqual([])
})

it("lists, pauses, resumes, triggers and deletes schedules", async () => {
  const at = { servers: server.url, namespace: "shop", print: () => {} }
  await using app = await connect(at)
  await app.schedule("nightly", add(4, 2), { cron: "0 3 * * *", timeZone: "Europe/Berlin" })
  await using _worker = await startWorker([add], at)
  expect((await run("schedules")).out).toMatch(/nightly +"0 3 \* \* \*" Europe\/Berlin .* on$/m)
  const paused = await run("schedules", "pause", "nightly", "--reason", "a fire")
  expect(paused.out).toContain("paused: a fire")
  const resumed = await run("schedules", "resume", "nightly", "--json")
  expect(JSON.parse(resumed.out)).toMatchObject({ name: "nightly", spec: { paused: false } })
  const id = idIn(await run("schedules", "trigger", "nightly"))
  expect((await run("result", id, "--wait", "30s")).out).toBe("6\n")
  expect((await run("schedules", "delete", "nightly")).out).toBe("nightly  deleted\n")
  expect((await run("schedules", "list", "--json")).out).toBe("[]\n")
})

it("finds the broker well, and names it", async () => {
  const { code, out } = await run("doctor")
  expect(code).toBe(0)
  expect(out).toContain(`nats-server 2.`)
  expect(out).toContain("stream      arpeggio-shop, 1 copy")
  expect(JSON.parse((await run("doctor", "--json")).out)).toMatchObject({
    ok: true,
    namespace: "shop"
  })
})

it("finds a queue that nobody serves, and ends with 6", async () => {
  const look = (): Promise<Ran> => run("doctor", "--namespace", "sick")
  await expect.poll(async () => (await look()).code, { timeout: 40_000, interval: 500 }).toBe(6)
  expect((await look()).out).toMatch(/^problem .*nobody/m)
})
