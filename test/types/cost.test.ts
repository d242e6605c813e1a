/** Types stay cheap: a long chain and a large library of tasks cost the compiler a bounded number of instantiations. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { compile, type Compiler, compilers } from "./compiler.ts"
import { instantiationsOf } from "./parsed-once.ts"

const scratch = fileURLToPath(new URL("../../.tmp/", import.meta.url))
let folder = ""

beforeAll(() => {
  mkdirSync(scratch, { recursive: true })
  folder = mkdtempSync(`${scratch}types-`)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const head = `import * as Schema from "effect/Schema"
import { chain } from "../../src/compose/chain.ts"
import { task } from "../../src/define/task.ts"
const { Finite, String, Struct } = Schema
const add = task("math.add", { input: [Finite, Finite], output: Finite }, (left, right) => left + right)
export const short = chain(add(1, 2), add(3))
export const used = [String, Struct]
`

const instantiations = async (compiler: Compiler, name: string, body: string): Promise<number> => {
  const file = `${folder}/${compiler}-${name}.ts`
  writeFileSync(file, head + body)
  if (compiler === "typescript-5.9") return instantiationsOf(file, folder)
  const config = `${file}.json`
  writeFileSync(
    config,
    JSON.stringify({ extends: "../../tsconfig.json", files: [file], include: [] })
  )
  const output = await compile(compiler, "-p", config, "--extendedDiagnostics")
  expect(output).not.toContain("error TS")
  return Number(/Instantiations:\s+(\d+)/.exec(output)?.[1])
}

const steps = `export const long = chain(add(1, 2), ${"add(3), ".repeat(99)})\n`
const tasks = Array.from(
  { length: 200 },
  (_, n) => `export const task${n} = task("t.n${n}", {
  input: [Struct({ id: String, n${n}: Finite }), Finite],
  output: Struct({ id: String, m${n}: Finite })
}, (order, count) => ({ id: order.id, m${n}: order.n${n} + count }))\n`
).join("")

const foreign = `import { z } from "zod"
export const one = task("z.one", { input: [z.object({ id: z.string() })], output: z.string() }, ({ id }) => id)
`
const foreignSchemas = Array.from(
  { length: 200 },
  (_, n) => `const takes${n} = z.object({ id: z.string(), n${n}: z.number() })
const gives${n} = z.object({ id: z.string(), m${n}: z.number() })
export const given${n}: [z.output<typeof takes${n}>, z.output<typeof gives${n}>] = [{ id: "", n${n}: 0 }, { id: "", m${n}: 0 }]\n`
)
const foreignTasks = foreignSchemas.map(
  (
    schemas,
    n
  ) => `${schemas}export const foreign${n} = task("z.n${n}", { input: [takes${n}, z.number()], output: gives${n} },
  (order, count) => ({ id: order.id, m${n}: order.n${n} + count }))\n`
)

describe.each(compilers)("%s", (compiler) => {
  it("checks a chain of 100 steps and 200 tasks cheaply", { timeout: 180_000 }, async () => {
    const base = await instantiations(compiler, "base", "")
    expect((await instantiations(compiler, "chain", steps)) - base).toBeLessThan(10_000)
    expect((await instantiations(compiler, "tasks", tasks)) - base).toBeLessThan(250_000)
  })

  it("checks 200 tasks with schemas of zod as cheaply", { timeout: 180_000 }, async () => {
    // What the library itself needs to know its types is not counted.
    const own = await instantiations(compiler, "schemas", foreign + foreignSchemas.join(""))
    const all = await instantiations(compiler, "foreign", foreign + foreignTasks.join(""))
    expect(all - own).toBeLessThan(250_000)
  })
})
