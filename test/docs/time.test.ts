/** What the guide to time shows is done as it says, over a broker in memory. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, expect, test } from "vitest"
import { testApp } from "arpeggio/testing"
import { add, mul, sum } from "../../workflows/math.ts"
import { root } from "../examples/program.ts"
import { snippetsOf, writeSnippets } from "./snippets.ts"

const page = "docs/learn/time.md"
mkdirSync(join(root, ".tmp"), { recursive: true })
const directory = mkdtempSync(join(root, ".tmp/time-"))
writeSnippets(page, directory)

afterAll(() => rmSync(directory, { recursive: true, force: true }))

for (const { line } of snippetsOf(page)) {
  test(`the block at line ${line}`, async () => {
    await using app = await testApp([add, mul, sum])
    Object.assign(globalThis, { app })
    try {
      const shown: unknown = await import(
        /* @vite-ignore */ pathToFileURL(join(directory, `line-${line}.ts`)).href
      )
      expect(shown).toBeDefined()
    } finally {
      Reflect.deleteProperty(globalThis, "app")
    }
  })
}
