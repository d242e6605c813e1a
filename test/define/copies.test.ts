/** Two copies of effect are told from each other where a task is declared; two of this package work together. */
import { spawn } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Schema from "effect/Schema"
import { afterAll, beforeAll, expect, test } from "vitest"
import { task } from "arpeggio"
import { snippetsOf } from "../docs/snippets.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "arpeggio-copies-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let Other: typeof Schema

beforeAll(async () => {
  // What is imported of it, and nothing of what explains it.
  cpSync(join(root, "node_modules/effect"), join(folder, "node_modules/effect"), {
    recursive: true,
    dereference: true,
    filter: (file) => !/\.(?:map|d\.ts|md)$|effect\/(?:src|ai-docs)$/.test(file)
  })
  Other = (await import(
    /* @vite-ignore */ join(folder, "node_modules/effect/dist/Schema.js")
  )) as typeof Schema
}, 60_000)

const refusalOf = (contract: object): string => {
  try {
    task("two.task", { input: [], output: Schema.Void, ...contract } as never)
    return "declared"
  } catch (error) {
    return `${(error as { readonly _tag: string })._tag} ${(error as Error).message}`
  }
}

const places: ReadonlyArray<readonly [string, () => object]> = [
  ["input[0]", () => ({ input: [Other.Finite] })],
  ["input[1]", () => ({ input: [Schema.Finite, Other.Struct({ a: Other.String })] })],
  ["output", () => ({ output: Schema.Struct({ a: Schema.Array(Other.Date) }) })],
  ["output", () => ({ output: Schema.suspend(() => Other.String) })],
  ["output", () => ({ output: Schema.Union([Schema.String, Other.Finite]) })],
  [
    "errors[0]",
    () => ({
      errors: [class No extends Other.TaggedError<No>()("No", { why: Other.String }) {}]
    })
  ]
]

test.each(places)("a schema of a second copy of effect, in %s", (where, contract) => {
  const refusal = refusalOf(contract())
  expect(refusal).toMatch(/^ContractError task two\.task: /)
  expect(refusal).toContain(where)
  expect(refusal).toContain("another copy of effect")
  expect(refusal).toContain("npm ls effect")
})

test("docs/learn/mistakes.md says the same", () => {
  const said = refusalOf({ input: [Other.Finite] }).replace("ContractError ", "ContractError: ")
  const blocks = snippetsOf("docs/learn/mistakes.md").map(({ text }) => text.trimEnd())
  expect(blocks).toContain(said)
})

test("a schema of the same copy is taken", () => {
  expect(refusalOf({ input: [Schema.Struct({ at: Schema.Date })] })).toBe("declared")
})

/** A copy of this package, with the same copy of effect or one of its own. */
const copied = (name: string, own: boolean): string => {
  const copy = join(folder, name)
  cpSync(join(root, "src"), join(copy, "src"), { recursive: true })
  cpSync(join(root, "package.json"), join(copy, "package.json"))
  cpSync(join(root, "tsconfig.json"), join(copy, "tsconfig.json"))
  mkdirSync(join(copy, "node_modules"))
  symlinkSync(join(root, "node_modules/@nats-io"), join(copy, "node_modules/@nats-io"))
  symlinkSync(join(root, "node_modules/croner"), join(copy, "node_modules/croner"))
  const effect = own ? join(folder, "node_modules/effect") : join(root, "node_modules/effect")
  symlinkSync(effect, join(copy, "node_modules/effect"))
  return copy
}

test.each([
  ["with one effect", false],
  ["each with an effect of its own", true]
])(
  "two copies of this package, %s",
  async (name, own) => {
    const program = fileURLToPath(new URL("two-copies.ts", import.meta.url))
    const paths = [root.replace(/\/$/, ""), copied(name.replaceAll(" ", "-"), own)]
    const child = spawn(process.execPath, ["--import", "tsx", program, ...paths], {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"]
    })
    let said = ""
    child.stdout.on("data", (chunk) => {
      said += String(chunk)
    })
    const code = await new Promise((resolve) => child.once("close", resolve))
    const told = Object.fromEntries(
      said
        .trim()
        .split("\n")
        .map((line) => /^(.*?) ([[{"\d].*|true|false)$/.exec(line)!)
        .map(([, what, value]) => [what!, JSON.parse(value!) as unknown])
    )
    expect({ code, ...told }).toMatchObject({
      code: 0,
      apart: true,
      whose: "two.whose two.whose",
      chain: 2,
      "other's chain": 2,
      grows: 2,
      wrong: { _tag: "Crashed", name: "InvalidOutput" },
      fails: { _tag: "Failed", error: { _tag: "No", why: "on purpose" } },
      argument: "InvalidInput"
    })
  },
  60_000
)
