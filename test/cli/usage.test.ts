/** What the command line does without a broker: help, mistakes, files, and a new project. */
import { execFile } from "node:child_process"
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, it } from "vitest"
import { snippetsOf } from "../docs/snippets.ts"
import { mathFile, openProject, type Project } from "./project.ts"

let project: Project

beforeAll(async () => {
  project = await openProject({
    ...mathFile,
    "broken.ts": "throw new Error('not today')",
    "enums.ts": `
      import * as Schema from "effect/Schema"
      import { task } from "arpeggio"
      export enum Colour { Red = "red" }
      export const paint = task("paint", { input: [], output: Schema.String, queue: "paint", timeout: "5 seconds" }, () => Colour.Red)
      export const shop = { later: [task("shop.later", { input: [Schema.String], output: Schema.Void })] }
    `
  })
})

afterAll(() => project.remove())

it("says its version, and lists its commands", async () => {
  const { version } = JSON.parse(
    readFileSync(join(project.folder, "node_modules/arpeggio/package.json"), "utf8")
  ) as { readonly version: string }
  expect(await project.run(["--version"])).toEqual({ code: 0, out: `${version}\n`, said: "" })
  const help = await project.run(["--help"])
  expect(help).toMatchObject({ code: 0, said: "" })
  expect(help.out).toContain("worker [options] [file...]")
})

it.each([
  [["wroker"], "unknown command 'wroker' (Did you mean worker?)"],
  [["run", "math.add", "--fron", "x"], "unknown option '--fron' (Did you mean --from?)"],
  [[], "name a command"],
  [["show"], "missing required argument 'run'"],
  [["worker", "--loglevel", "loud"], "Allowed choices are debug, info, warning, error, quiet"],
  [["worker", "--concurrency", "many"], "--concurrency is a whole number from 1 to 10000"],
  [["worker", "none.ts"], "there is no file none.ts"],
  [["worker", "broken.ts"], "broken.ts could not be loaded: Error: not today"],
  [["run", "math.add", "4", "two"], `A text is written with quotes inside the shell's: '"two"'`],
  [["run", "math.add", "4"], "math.add takes 2 arguments, but got 1"],
  [["run", "math.add", "4", '"two"'], `input[1] should be number, but is "two"`],
  [["run", "math.ad", "4", "2"], "workflows/math.ts has no task math.ad; the nearest is math.add"],
  [["result", "x", "--wait", "10"], `"10" is not a duration`],
  [["show", "x", "--creds", "none.creds"], "--creds: none.creds cannot be read"]
])("refuses %j, first the mistake", async (words, why) => {
  const { code, out, said } = await project.run(words)
  expect(said).toContain(why)
  expect(said.startsWith("arpeggio: ")).toBe(true)
  expect({ code, out }).toEqual({ code: 2, out: "" })
})

it("says mistakes as JSON to whoever wants that", async () => {
  const { code, out, said } = await project.run(["show", "--json", "--nothing"])
  expect({ code, out }).toEqual({ code: 2, out: "" })
  expect(JSON.parse(said)).toMatchObject({ error: { code: "usage" } })
})

it("says that the broker cannot be reached", async () => {
  const unreachable = { NATS_URL: "nats://127.0.0.1:1" }
  for (const words of [["doctor"], ["show", "x"], ["run", "math.add", "4", "2"]]) {
    const { code, out, said } = await project.run([...words, "--json"], unreachable)
    expect({ code, out }).toEqual({ code: 3, out: "" })
    expect(JSON.parse(said)).toMatchObject({ error: { code: "BrokerError.Unreachable" } })
  }
})

it("starts no server only to look at it", async () => {
  const { code, said } = await project.run(["dead", "list"], { NATS_URL: "", ARPEGGIO_PORT: "1" })
  expect(said).toContain("Start a worker of this project (arpeggio worker)")
  expect(code).toBe(3)
  expect(existsSync(join(project.folder, ".arpeggio"))).toBe(false)
})

it("lists the tasks of a folder, of files with enums, and inside of what they export", async () => {
  const listed = await project.run(["tasks", "workflows", "enums.ts"])
  expect(listed).toMatchObject({ code: 0, said: "" })
  expect(listed.out.split("\n").slice(0, -1)).toEqual([
    "TASK        QUEUE    ARGUMENTS  TIMEOUT  HANDLER  WHERE",
    "math.add    default  2          -        yes      workflows/math.ts add",
    "math.mul    default  2          -        yes      workflows/math.ts mul",
    "math.sum    default  1          -        yes      workflows/math.ts sum",
    "paint       paint    0          5000 ms  yes      enums.ts paint",
    "shop.later  default  1          -        no       enums.ts shop.later[0]"
  ])
  const json = await project.run(["tasks", "enums.ts", "--json"])
  expect(JSON.parse(json.out)).toEqual([
    {
      task: "paint",
      file: "enums.ts",
      export: "paint",
      queue: "paint",
      arguments: 0,
      timeout: 5_000,
      handler: true
    },
    {
      task: "shop.later",
      file: "enums.ts",
      export: "shop.later[0]",
      queue: "default",
      arguments: 1,
      timeout: null,
      handler: false
    }
  ])
})

it("has bash complete commands and their options", async () => {
  const { code, out } = await project.run(["completions", "bash"])
  expect(code).toBe(0)
  const completed = async (...words: ReadonlyArray<string>): Promise<string> => {
    const script = `${out}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _arpeggio; echo "\${COMPREPLY[*]}"`
    const { stdout } = await promisify(execFile)("bash", ["-c", script, "bash", ...words])
    return stdout.trim()
  }
  expect(await completed("arpeggio", "wo")).toBe("worker")
  expect(await completed("arpeggio", "dead", "re")).toBe("redrive")
  expect(await completed("arpeggio", "dead", "redrive", "--q")).toBe("--queue")
  expect(await completed("arpeggio", "worker", "--log")).toBe("--loglevel")
})

it("has scripts for zsh and fish, and no other shell", async () => {
  expect((await project.run(["completions", "zsh"])).out).toContain("bashcompinit")
  expect((await project.run(["completions", "fish"])).out).toContain(
    "complete -c arpeggio -n '__fish_seen_subcommand_from dead' -a 'redrive'"
  )
  expect((await project.run(["completions", "tcsh"])).code).toBe(2)
})

it("asks for tsx where a project needs it and has none", async () => {
  const tsx = join(project.folder, "node_modules/tsx")
  renameSync(tsx, `${tsx}-away`)
  try {
    const { code, said } = await project.run(["tasks", "enums.ts"])
    expect(code).toBe(2)
    expect(said).toMatch(/^arpeggio: enums\.ts could not be loaded: .* npm install -D tsx\n$/)
  } finally {
    renameSync(`${tsx}-away`, tsx)
  }
})

it("is the project's copy of the package, wherever it was started from", async () => {
  const elsewhere = join(project.folder, "elsewhere")
  // Alone it can do nothing: the rest of its package is missing.
  cpSync(join(project.folder, "node_modules/arpeggio/dist/cli/bin.js"), join(elsewhere, "bin.js"))
  cpSync(
    join(project.folder, "node_modules/arpeggio/package.json"),
    join(elsewhere, "package.json")
  )
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(elsewhere, "bin.js"), "tasks", "--json"],
    { cwd: project.folder }
  )
  expect(JSON.parse(stdout)).toHaveLength(3)
})

it("begins a project with the files of the README, and changes none that is there", async () => {
  const folder = join(project.folder, "new")
  mkdirSync(folder)
  const first = await project.run(["init", "--json"], {}, folder)
  expect(first.code).toBe(0)
  const begun = JSON.parse(first.out) as {
    readonly files: ReadonlyArray<{ readonly file: string; readonly written: boolean }>
  }
  expect(begun.files.every(({ written }) => written)).toBe(true)
  expect(begun.files.map(({ file }) => file)).toEqual([
    "workflows/math.ts",
    "worker.ts",
    "client.ts",
    "tsconfig.json",
    "package.json"
  ])
  const options = snippetsOf("README.md").find(({ text }) => text.includes("compilerOptions"))!
  expect(JSON.parse(readFileSync(join(folder, "tsconfig.json"), "utf8"))).toEqual(
    JSON.parse(options.text)
  )
  const again = await project.run(["init"], {}, folder)
  expect(again.out).toContain("was there  worker.ts")
  expect(again.out).not.toContain("written")
})
