/** Types stay cheap: a long chain and a large library of tasks cost the compiler a bounded number of instantiations. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { compile, type Compiler, compilers } from "./compiler.ts"

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
  const config = `${file}.json`
  writeFileSync(file, head + body)
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

describe.each(compilers)("%s", (compiler) => {
  it("checks a chain of 100 steps and 200 tasks cheaply", { timeout: 180_000 }, async () => {
    const base = await instantiations(compiler, "base", "")
    expect((await instantiations(compiler, "chain", steps)) - base).toBeLessThan(10_000)
    expect((await instantiations(compiler, "tasks", tasks)) - base).toBeLessThan(250_000)
  })
})
