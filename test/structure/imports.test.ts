/** Folders are stages: a file imports from its own stage or an earlier one, and stays readable. */
import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { version } from "../../src/version.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))
const source = join(root, "src")

/** In the order of the data flow, and `lint`, which imports none of them; `index.ts`, `contract.ts` and `version.ts` belong to no stage. */
const stages = [
  "define",
  "plan",
  "compose",
  "encode",
  "schedule",
  "broker",
  "nats",
  "dev-server",
  "engine",
  "result",
  "worker",
  "client",
  "cli",
  "testing",
  "lint"
]

const files = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => join(source, file))

const stageOf = (file: string): number => stages.indexOf(relative(source, file).split("/")[0]!)

const importsOf = (file: string): ReadonlyArray<string> =>
  [...readFileSync(file, "utf8").matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)].map((match) =>
    resolve(dirname(file), match[1]!)
  )

test("imports point one way", () => {
  const wrong = files
    .filter((file) => stageOf(file) >= 0)
    .flatMap((file) =>
      importsOf(file)
        .filter((imported) => stageOf(imported) > stageOf(file))
        .map((imported) => `${relative(source, file)} imports ${relative(source, imported)}`)
    )
  expect(wrong).toEqual([])
})

test("workers and clients know the engine by its face", () => {
  const face = join(source, "engine", "index.ts")
  const engine = stages.indexOf("engine")
  const inside = files
    .filter((file) => stageOf(file) > engine)
    .flatMap((file) =>
      importsOf(file)
        .filter((imported) => stageOf(imported) === engine && imported !== face)
        .map((imported) => `${relative(source, file)} imports ${relative(source, imported)}`)
    )
  expect(inside).toEqual([])
})

test("the engine writes every record", () => {
  const writing = files.filter((file) =>
    /\.(?:publish|publishTogether|purge)\(/.test(readFileSync(file, "utf8"))
  )
  const others = writing
    .map((file) => relative(source, file))
    .filter((file) => !/^(?:engine|broker|nats|testing\/memory)\//.test(file))
  expect(others).toEqual([])
})

test("timers are set in one place, which says when a subject may be set again", () => {
  const setting = files.filter((file) =>
    /\bfire: \{|\bfire:? ?\{|\{ fire\b/.test(readFileSync(file, "utf8"))
  )
  expect(
    setting
      .map((file) => relative(source, file))
      .filter((file) => !/^(?:broker|nats|testing\/memory)\//.test(file))
  ).toEqual(["engine/timers.ts"])
})

test("every folder is a stage", () => {
  const folders = new Set(files.map((file) => relative(source, file).split("/")[0]!))
  expect([...folders].filter((name) => !name.endsWith(".ts")).toSorted()).toEqual(stages.toSorted())
})

test("every file opens with the sentence a newcomer needs", () => {
  const silent = files.filter((file) => !/^(?:#!.*\n)?\/\*\*/.test(readFileSync(file, "utf8")))
  expect(silent.map((file) => relative(source, file))).toEqual([])
})

test("the version in the code is the package's", () => {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly version: string
  }
  expect(version).toBe(manifest.version)
})
