/** Every `@example` in a docstring compiles, and gives what the comment behind it says. */
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { outputOf, root } from "../examples/program.ts"
import { startNatsServer } from "../nats-server.ts"

interface Example {
  /** File and line, as they are clicked on. */
  readonly place: string
  readonly lines: ReadonlyArray<string>
}

const examplesIn = (file: string): ReadonlyArray<Example> => {
  const found: Array<{ place: string; lines: Array<string> }> = []
  let open = false
  for (const [at, line] of readFileSync(join(root, file), "utf8").split("\n").entries()) {
    const text = /^\s*\* ?(.*)$/.exec(line)?.[1]
    if (text === undefined || text === "/") open = false
    else if (text === "@example") found.push({ place: `${file}:${at + 1}`, lines: [] })
    else if (open) found.at(-1)!.lines.push(text)
    if (text === "@example") open = true
  }
  return found
}

const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
const examples = files
  .filter((name) => name.endsWith(".ts"))
  .flatMap((name) => examplesIn(`src/${name}`))

/** What the examples name without saying where it is from. */
const prelude = `
import assert from "node:assert/strict"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import {
  always, chain, chord, Client, connect, decodeWorkflow, encodeWorkflow, group, ifFailed, ignoreInput, implement, map, pass,
  nextTimes, onFailure, onSuccess, open, recover, schedule, serve, settle, sleep, startWorker, step, task, withInput, Worker
} from "arpeggio"
import { clientOver, memoryServer, testApp, workerOver } from "arpeggio/testing"
import { add, mul, sum } from "../../workflows/math.ts"

class DivisionByZero extends Schema.TaggedError<DivisionByZero>()("DivisionByZero", {}) {}
const divide = task(
  "math.divide",
  { input: [Schema.Finite, Schema.Finite], output: Schema.Finite, errors: [DivisionByZero] },
  (dividend, divisor) => {
    if (divisor === 0) throw new DivisionByZero()
    return dividend / divisor
  }
)
class Payments extends Context.Service<Payments, object>()("Payments") {
  static readonly layer = Layer.succeed(Payments, {})
}
const charge = task("shop.charge", { input: [], output: Schema.Void }, () => Effect.asVoid(Payments))
await using worker = await startWorker([add, mul, sum, divide], { print: () => {} })
await using app = await connect({ print: () => {} })
`

/** A value and, behind it, what it is: `const answer = … // 18`. */
const promised = /^const (?:\{ (\w+) \}|(\w+)) = .* \/\/ (.+)$/

const isRun = ({ lines }: Example): boolean => lines.some((line) => promised.test(line))

const blockOf = (example: Example): string => {
  const lines = example.lines.flatMap((line) => {
    const [, field, name, value] = promised.exec(line) ?? []
    return value === undefined
      ? [line]
      : [line, `assert.deepEqual(${field ?? name}, ${value}, ${JSON.stringify(example.place)})`]
  })
  // What is not run is compiled all the same.
  return [isRun(example) ? "{" : "async () => {", ...lines, "}"].join("\n")
}

let directory: string
let server: Awaited<ReturnType<typeof startNatsServer>>

beforeAll(async () => {
  server = await startNatsServer()
  mkdirSync(join(root, ".tmp"), { recursive: true })
  directory = mkdtempSync(join(root, ".tmp/docstrings-"))
  const end = `\nconsole.log("all ${examples.length}")\n`
  writeFileSync(join(directory, "examples.ts"), prelude + examples.map(blockOf).join("\n") + end)
  writeFileSync(
    join(directory, "tsconfig.json"),
    JSON.stringify({
      extends: "../../tsconfig.json",
      compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
      include: ["*.ts"],
      exclude: []
    })
  )
})

afterAll(async () => {
  rmSync(directory, { recursive: true, force: true })
  await server?.stop()
})

it("finds them", () => {
  expect(examples.filter(isRun).length).toBeGreaterThan(15)
})

it("compiles every one", () => {
  const tsc = join(root, "node_modules/typescript/bin/tsc")
  const words = [tsc, "-p", directory, "--pretty", "false"]
  const { stdout } = spawnSync(process.execPath, words, { cwd: directory, encoding: "utf8" })
  expect(stdout.split("\n").filter((line) => line.startsWith("examples.ts"))).toEqual([])
}, 120_000)

it("gives what is promised", async () => {
  const path = join(directory, "examples.ts").slice(root.length)
  const environment = { ...process.env, NATS_URL: server.url, ARPEGGIO_NAMESPACE: "docstrings" }
  expect(await outputOf(path, environment)).toBe(`all ${examples.length}`)
})
