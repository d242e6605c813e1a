/** A project that has the package as its users have it, and the command line started in it as they do. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { bundle } from "../../esbuild.config.ts"

export const root: string = fileURLToPath(new URL("../../", import.meta.url))

export type Files = { readonly [path: string]: string }

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly said: string
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ran>
  /** Resolves when standard error has this in it; rejects when the process ends before. */
  says(words: string): Promise<void>
  /** What standard error has until now. */
  said(): string
}

export interface Project {
  readonly folder: string
  write(files: Files): void
  start(words: ReadonlyArray<string>, environment?: NodeJS.ProcessEnv, folder?: string): Running
  run(words: ReadonlyArray<string>, environment?: NodeJS.ProcessEnv, folder?: string): Promise<Ran>
  remove(): void
}

export const mathFile: Files = {
  "workflows/math.ts": readFileSync(join(root, "workflows/math.ts"), "utf8")
}

const running = new Set<ChildProcess>()
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL")
})

const started = (
  program: string,
  words: ReadonlyArray<string>,
  cwd: string,
  environment: NodeJS.ProcessEnv
): Running => {
  const child = spawn(process.execPath, [program, ...words], { cwd, env: environment })
  running.add(child)
  let out = ""
  let said = ""
  child.stdout.on("data", (data: Buffer) => {
    out += data.toString()
  })
  child.stderr.on("data", (data: Buffer) => {
    said += data.toString()
  })
  const ended = once(child, "close").then(([code]): Ran => {
    running.delete(child)
    return { code: code as number | null, out, said }
  })
  const says = (wanted: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (said.includes(wanted)) resolve()
      }
      child.stderr.on("data", look)
      look()
      void ended.then(() => reject(new Error(`it ended without saying ${wanted}: ${said}${out}`)))
    })
  return { child, ended, says, said: () => said }
}

/** What the package needs, and tsx, which a project on Node 20 has. */
const packages = ["effect", "commander", "croner", "@nats-io", "@eplightning", "tsx", "@types"]

/** With the files of the package built from the sources as they are. */
export const openProject = async (files: Files = {}): Promise<Project> => {
  const folder = mkdtempSync(join(tmpdir(), "arpeggio-cli-"))
  const own = join(folder, "node_modules/arpeggio")
  mkdirSync(own, { recursive: true })
  for (const name of ["package.json", "examples", "workflows"]) {
    cpSync(join(root, name), join(own, name), { recursive: true })
  }
  for (const name of packages) {
    const there = join(root, "node_modules", name)
    if (existsSync(there)) symlinkSync(there, join(folder, "node_modules", name))
  }
  await bundle(join(own, "dist"))
  const program = join(own, "dist/cli/bin.js")
  const usual = { PATH: process.env["PATH"], HOME: process.env["HOME"], ARPEGGIO_PORT: "0" }
  const start: Project["start"] = (words, environment = {}, cwd = folder) =>
    started(program, words, cwd, { ...usual, ...environment })
  const project: Project = {
    folder,
    write: (some) => {
      for (const [path, text] of Object.entries(some)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true })
        writeFileSync(join(folder, path), text)
      }
    },
    start,
    run: (words, environment, cwd) => start(words, environment, cwd).ended,
    remove: () => rmSync(folder, { recursive: true, force: true })
  }
  project.write({ "package.json": '{ "name": "shop", "type": "module" }', ...files })
  return project
}
