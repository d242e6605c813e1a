/** Every example prints what its `// Output:` block says, ends by itself and leaves nothing behind. */
import { readdirSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startNatsServer, type NatsServer } from "../nats-server.ts"
import { ended, environment, eventually, makeProject, readRecord } from "../dev-server/project.ts"
import { outputOf, prepare, promisedOutput, root, startProgram } from "./program.ts"

const single = readdirSync(`${root}/examples`).filter((name) => /^\d.*\.ts$/.test(name))

describe("examples", () => {
  let server: NatsServer
  const on = (namespace: string): NodeJS.ProcessEnv =>
    environment({ NATS_URL: server.url, ARPEGGIO_NAMESPACE: namespace })

  beforeAll(async () => {
    prepare(single.map((name) => `examples/${name}`))
    server = await startNatsServer()
  })
  afterAll(() => server.stop())

  it.each(single)("%s", { timeout: 60_000 }, async (name) => {
    const path = `examples/${name}`
    expect(await outputOf(path, on(name.replace(/\W/g, "-")))).toBe(promisedOutput(path))
  })

  it("01-hello: a worker and a client", { timeout: 60_000 }, async () => {
    const worker = startProgram("examples/01-hello/worker.ts", on("hello"))
    const client = "examples/01-hello/client.ts"
    expect(await outputOf(client, on("hello"))).toBe(promisedOutput(client))
    await worker.noticed("math.add, math.mul")
    await worker.stop()
    expect(await worker.ended).toBe(0)
  })
})

/** Process ids become 1 and 2, and members that run side by side may do so in any order. */
const comparable = (text: string): ReadonlyArray<ReadonlyArray<string>> => {
  const [client, worker] = text.match(/\d+/g) ?? []
  return text
    .replaceAll(
      new RegExp(`\\b(process, |Process |worker )(${client}|${worker})\\b`, "g"),
      (_, word, pid) => `${word}${pid === client ? 1 : 2}`
    )
    .split("\n\n")
    .map((paragraph) => paragraph.split("\n").toSorted())
}

describe("npm start", () => {
  it("starts a server, shows its results and leaves no process", { timeout: 60_000 }, async () => {
    const project = makeProject()
    const program = startProgram("examples/start.ts", environment(), [], project)
    const started = await eventually("the server's record", async () => readRecord(project))
    expect(await program.ended, program.notices.join("\n")).toBe(0)

    const printed = program.output.join("\n")
    expect(comparable(printed)).toEqual(comparable(promisedOutput("examples/start.ts")))
    expect(program.notices).toEqual([expect.stringContaining("started nats-server")])
    await ended(started.pid)
    await ended(Number(/Process (\d+) is the worker/.exec(printed)?.[1]))
    await eventually(
      "the record is removed",
      async () => readRecord(project) === undefined || undefined
    )
  })
})
