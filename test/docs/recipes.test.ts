/** The script for a system's cron starts one run a night, however often it is started. (Blocks that assert are run by docs.test.ts.) */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { outputOf, root } from "../examples/program.ts"
import { startNatsServer } from "../nats-server.ts"
import { environment } from "../dev-server/project.ts"
import { codeOf, snippetsOf } from "./snippets.ts"

const snippets = snippetsOf("docs/learn/recipes.md")

test("the nightly script, started by two machines", async () => {
  const server = await startNatsServer()
  onTestFinished(() => server.stop())
  mkdirSync(join(root, ".tmp"), { recursive: true })
  const directory = mkdtempSync(join(root, ".tmp/nightly-"))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const file = join(directory, "nightly.ts")
  writeFileSync(file, codeOf(snippets.find(({ file }) => file === "nightly.ts")!))
  const facts = environment({ NATS_URL: server.url, ARPEGGIO_NAMESPACE: "nightly" })
  const start = () => outputOf(file.slice(root.length), facts)
  // Two that were started in the same moment are one, too; midnight may lie between two nights.
  const [one, other] = await Promise.all([start(), start()])
  const later = await start()
  expect(one).toMatch(/^app-/)
  expect(new Set([one, other, later]).size).toBeLessThanOrEqual(
    new Date().getUTCHours() === 0 ? 2 : 1
  )
})

test("every recipe that shows code is run", () => {
  for (const { language, file, text, line } of snippets.filter(
    ({ language }) => language === "ts"
  )) {
    const imported = snippets.some(
      (other) => file !== undefined && other.text.includes(`"./${file}"`)
    )
    const run = file === "nightly.ts" || imported || text.startsWith("import assert from")
    expect(run, `${language} in line ${line}`).toBe(true)
  }
})
