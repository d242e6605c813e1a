/** What `arpeggio/contract` promises: a page in a browser declares tasks, composes them and sends what it composed. */
import { createContext, runInContext } from "node:vm"
import { fileURLToPath } from "node:url"
import * as Schema from "effect/Schema"
import { build } from "esbuild"
import { expect, test } from "vitest"
import { chain, decodeWorkflow, encodeWorkflow, task } from "arpeggio"
import { testApp } from "arpeggio/testing"

const root = fileURLToPath(new URL("../../", import.meta.url))

const page = `
import * as Schema from "effect/Schema"
import { chain, encodeWorkflow, InvalidInput, task } from "arpeggio/contract"

const add = task("math.add", { input: [Schema.Finite, Schema.Finite], output: Schema.Finite })
const shout = task("text.shout", { input: [Schema.Finite], output: Schema.String })
sent = encodeWorkflow(chain(add(4, 2), shout()).with({ key: "one" }))
print = add["~arpeggio"].fingerprint
try { add(4, "two") } catch (error) { refused = error instanceof InvalidInput && error.message }
`

/** All that a page has and this uses, and nothing of Node. */
const browser = () => ({
  AbortController,
  btoa,
  console,
  performance,
  setTimeout,
  TextDecoder,
  TextEncoder,
  URL,
  URLSearchParams,
  sent: "",
  print: "",
  refused: ""
})

const bundle = (contents: string) =>
  build({
    stdin: { contents, resolveDir: root, loader: "ts" },
    bundle: true,
    minify: true,
    platform: "browser",
    format: "iife",
    metafile: true,
    write: false,
    logLevel: "silent"
  })

test("it is bundled for a browser, and what it sends is run by a worker", async () => {
  const { outputFiles, warnings } = await bundle(page)
  expect(warnings).toEqual([])
  const context = browser()
  runInContext(outputFiles[0]!.text, createContext(context))
  expect(context.refused).toContain("math.add")

  const add = task(
    "math.add",
    { input: [Schema.Finite, Schema.Finite], output: Schema.Finite },
    (left, right) => left + right
  )
  const shout = task(
    "text.shout",
    { input: [Schema.Finite], output: Schema.String },
    (value) => `${value}!`
  )
  expect(context.print).toBe(add["~arpeggio"].fingerprint)
  expect(context.sent).toBe(encodeWorkflow(chain(add(4, 2), shout()).with({ key: "one" })))
  await using app = await testApp([add, shout])
  expect(await app.run(decodeWorkflow<void, string>(context.sent, [add, shout]))).toBe("6!")
})

test("it stays small", async () => {
  const { metafile } = await bundle(`export * from "arpeggio/contract"`)
  const [output] = Object.values(metafile.outputs)
  const own = Object.entries(output!.inputs).filter(([file]) => file.startsWith("src/"))
  const bytes = own.reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0)
  expect(bytes).toBeGreaterThan(20_000)
  expect(bytes).toBeLessThan(70_000)
})
