/** The tests that the guide to testing shows, run by vitest in a project of their own, with a worker process and a real server. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { stripVTControlCharacters } from "node:util"
import { expect, onTestFinished, test } from "vitest"
import { root } from "../examples/program.ts"
import { startNatsServer } from "../nats-server.ts"
import { environment } from "../dev-server/project.ts"
import { codeOf, snippetsOf, writeSnippets } from "./snippets.ts"

/** What a project has from npm, here from the sources. */
const config = `
import { fileURLToPath } from "node:url"
const source = (path) => fileURLToPath(new URL(path, "file://${root}src/"))
export default {
  resolve: {
    alias: [
      { find: "arpeggio/testing", replacement: source("testing/index.ts") },
      { find: "arpeggio", replacement: source("index.ts") }
    ]
  }
}
`

test("pass, with testApp and with a worker process", { timeout: 240_000 }, async () => {
  const server = await startNatsServer()
  onTestFinished(() => server.stop())
  mkdirSync(join(root, ".tmp"), { recursive: true })
  const directory = mkdtempSync(join(root, ".tmp/testing-"))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  writeSnippets("docs/learn/testing.md", directory)
  const worker = snippetsOf("README.md").find(({ file }) => file === "worker.ts")!
  writeFileSync(join(directory, "worker.ts"), codeOf(worker))
  writeFileSync(join(directory, "vitest.config.mjs"), config)

  const vitest = join(root, "node_modules/vitest/vitest.mjs")
  const child = spawn(process.execPath, [vitest, "run", "--root", directory], {
    cwd: directory,
    env: environment({ NATS_URL: server.url, TSX_TSCONFIG_PATH: join(root, "tsconfig.json") }),
    stdio: ["ignore", "pipe", "pipe"]
  })
  const [output, notices, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit")
  ])
  const printed = stripVTControlCharacters(`${output}${notices}`)
  expect(code, printed).toBe(0)
  expect(printed).toMatch(/Tests +2 passed/)
  // It was the worker's process that did it.
  expect(printed).toContain("namespace worker-test")
})
