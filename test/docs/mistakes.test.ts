/** The programs in docs/learn/mistakes.md that compile get the words shown below them, on a real server. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest"
import { connect, startWorker, type App } from "arpeggio"
import { add } from "../../workflows/math.ts"
import { type Program, root, startProgram } from "../examples/program.ts"
import { type NatsServer, startNatsServer } from "../nats-server.ts"
import { snippetsOf, writeSnippets } from "./snippets.ts"

const page = "docs/learn/mistakes.md"
const snippets = snippetsOf(page)
const namespace = "shop"

let directory: string
let server: NatsServer

beforeAll(async () => {
  mkdirSync(join(root, ".tmp"), { recursive: true })
  directory = mkdtempSync(join(root, ".tmp/mistakes-"))
  writeSnippets(page, directory)
  server = await startNatsServer()
})

afterAll(async () => {
  await server.stop()
  rmSync(directory, { recursive: true, force: true })
})

/** The blocks of text that stand between a program and the next one. */
const shownBelow = (file: string): ReadonlyArray<string> => {
  const at = snippets.findIndex((snippet) => snippet.file === file)
  const below = snippets.slice(at + 1)
  const next = below.findIndex(({ language }) => language !== "text")
  return below.slice(0, next < 0 ? below.length : next).map(({ text }) => text.trimEnd())
}

/** Without what is another each time. */
const plain = (line: string): string =>
  line
    .replaceAll(/app-[a-z0-9]{8}-[a-z0-9]{20}/g, "RUN")
    .replaceAll(/on worker \S+/g, "on WORKER")
    .replaceAll(/\d+ ms/g, "MILLISECONDS")

const start = (file: string): Program => {
  const environment = { ...process.env, NATS_URL: server.url, ARPEGGIO_NAMESPACE: namespace }
  const program = startProgram(join(directory, file).slice(root.length), environment)
  onTestFinished(() => program.stop())
  return program
}

const client = async (print: (line: string) => void): Promise<App> => {
  const app = await connect({ servers: server.url, namespace, print })
  onTestFinished(() => app.close())
  return app
}

const says = (lines: ReadonlyArray<string>, shown: string | undefined): Promise<void> =>
  expect
    .poll(() => lines.map(plain), { timeout: 15_000, interval: 50 })
    .toContain(plain(shown ?? "nothing is shown"))

test.each(["clash.ts", "any.ts", "undeclared.ts", "union.ts", "value.ts"])(
  "%s ends with the error shown",
  async (file) => {
    const program = start(file)
    expect(await program.ended).toBe(1)
    const [shown] = shownBelow(file)
    expect(program.notices.map(plain)).toContain(plain(shown!))
  }
)

test("printed.ts prints what is shown", async () => {
  const program = start("printed.ts")
  expect(await program.ended).toBe(0)
  expect(program.output).toEqual(shownBelow("printed.ts"))
})

test("no worker: the client says so, and goes on with the first", async () => {
  const program = start("no-worker.ts")
  await says(program.notices, shownBelow("no-worker.ts")[0])
  await using _worker = await startWorker([add], {
    servers: server.url,
    namespace,
    print: () => {}
  })
  expect(await program.ended).toBe(0)
  expect(program.output).toEqual(["6"])
})

test("a task that is not served: worker and client say so", async () => {
  const worker = start("not-served.ts")
  await worker.noticed("tasks")
  const lines: Array<string> = []
  const app = await client((line) => lines.push(line))
  app.run(add(4, 2)).catch(() => {})
  const [ofWorker, ofClient] = shownBelow("not-served.ts")
  await says(lines, ofClient)
  await says(worker.notices, ofWorker)
})

test("a forgotten argument is said in the same words where no compiler looks", async () => {
  const app = await client(() => {})
  await expect(app.run(add(4) as never)).rejects.toThrow(
    "math.add still needs an input: give it all its arguments, or write run(workflow, input). Nothing was sent."
  )
  await expect(app.start(add(4) as never)).rejects.toThrow("math.add still needs an input")
})
