/** The program that redrives all letters of one queue does so, and prints what the page says. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { clientAt, namespace, workerAt } from "../facts/place.ts"
import { outputOf, root } from "../examples/program.ts"
import { serverForTest } from "../nats/fixture.ts"
import { one } from "../worker/unserved-scene.ts"
import { codeOf, snippetsOf } from "./snippets.ts"

test("all letters of a queue", async () => {
  const server = await serverForTest()
  const app = await clientAt(server)
  const mail = one().with({ queue: "mail" })
  const runs = await Promise.all(
    [...[1, 2, 3].map(() => mail), one().with({ queue: "post" })].map((each) => app.start(each))
  )
  const worker = await workerAt(
    server,
    [],
    {},
    {},
    { queues: ["mail", "post"], patience: "500 millis" }
  )
  for (const run of runs) expect((await run.outcome())._tag).toBe("Crashed")
  await worker.drain()
  await workerAt(server, [one], {}, {}, { queues: ["notify"] })

  const shown = snippetsOf("docs/operate/dead-letters.md")
  const at = shown.findIndex(({ file }) => file === "redrive-queue.ts")
  mkdirSync(join(root, ".tmp"), { recursive: true })
  const directory = mkdtempSync(join(root, ".tmp/redrive-"))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  writeFileSync(join(directory, "redrive-queue.ts"), codeOf(shown[at]!))
  const path = join(directory, "redrive-queue.ts").slice(root.length)
  const environment = { ...process.env, NATS_URL: server.url, ARPEGGIO_NAMESPACE: namespace }
  const printed = await outputOf(path, environment, ["mail", "notify"])
  expect(`$ npx tsx redrive-queue.ts mail notify\n${printed}\n`).toBe(shown[at + 1]!.text)
  const { letters } = await app.deadLetters.list()
  expect(letters.map(({ queue }) => queue)).toEqual(["post"])
}, 40_000)
