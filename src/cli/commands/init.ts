/** `arpeggio init`: the three files of the README, and a tsconfig.json. Asks nothing, and changes no file that is there. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import type { Command } from "commander"
import { type Format, show } from "../output.ts"

/** As the README has it. */
export const compilerOptions = {
  target: "es2023",
  lib: ["es2023", "esnext.disposable"],
  module: "nodenext",
  types: ["node"],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true
}

interface Written {
  readonly file: string
  readonly written: boolean
}

interface Begun {
  readonly files: ReadonlyArray<Written>
  /** What is left to do, as commands. */
  readonly next: ReadonlyArray<string>
}

export const addInit = (program: Command): void => {
  program
    .command("init")
    .description(
      "writes workflows/math.ts, worker.ts, client.ts and tsconfig.json into this folder; leaves alone what is there"
    )
    .option("--json", "print one JSON document")
    .action(async (options: Format) => {
      const files = [...contents()].map(([file, text]) => ({ file, written: writes(file, text) }))
      await show({ files, next: nextSteps() }, words, options)
    })
}

/** The package has the files that its README shows. */
const contents = (): ReadonlyMap<string, string> => {
  const root = dirname(createRequire(import.meta.url).resolve("arpeggio/package.json"))
  const own = (file: string): string => readFileSync(join(root, file), "utf8")
  const example = (file: string): string =>
    own(`examples/01-hello/${file}`).replaceAll("../../workflows", "./workflows")
  return new Map([
    ["workflows/math.ts", own("workflows/math.ts")],
    ["worker.ts", example("worker.ts")],
    ["client.ts", example("client.ts")],
    ["tsconfig.json", json({ compilerOptions })],
    ...(existsSync("package.json")
      ? []
      : ([["package.json", json({ private: true, type: "module" })]] as const))
  ])
}

const json = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`

const writes = (file: string, text: string): boolean => {
  if (existsSync(file)) return false
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  return true
}

const nextSteps = (): ReadonlyArray<string> => {
  const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
    readonly type?: string
  }
  const there = (name: string): boolean => existsSync(join("node_modules", name))
  const missing = (names: ReadonlyArray<string>): string =>
    names.filter((name) => !there(name)).join(" ")
  const needed = missing(["arpeggio", "effect"])
  const tools = missing(["typescript", "tsx", "@types/node"])
  return [
    ...(manifest.type === "module" ? [] : ["npm pkg set type=module"]),
    ...(needed === "" ? [] : [`npm install ${needed}`]),
    ...(tools === "" ? [] : [`npm install -D ${tools}`]),
    "npx arpeggio worker workflows/math.ts",
    "npx arpeggio run math.add 4 2"
  ]
}

const words = ({ files, next }: Begun): string =>
  [
    ...files.map(({ file, written }) => `${written ? "written" : "was there"}  ${file}`),
    "",
    "next:",
    ...next.map((command) => `  ${command}`)
  ].join("\n")
