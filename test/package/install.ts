/**
 * `npm run test:package`: packs the library, checks the package as its users' tools see it, and does what the README
 * says in an empty folder: three files, a worker in one process, a client in another.
 */
import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../../", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "arpeggio-package-"))

const run = (command: string, input: ReadonlyArray<string>, cwd: string): string => {
  console.log(`$ ${command} ${input.join(" ")}`)
  return execFileSync(command, [...input], {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"]
  })
}

const expect = (what: string, found: unknown, wanted: unknown): void => {
  if (found !== wanted) throw new Error(`${what}: ${String(found)} instead of ${String(wanted)}`)
  console.log(`ok: ${what}`)
}

try {
  run("npm", ["pack", "--pack-destination", folder], root)
  const tarball = join(
    folder,
    readdirSync(folder).find((name) => name.endsWith(".tgz"))!
  )
  const bin = (name: string): string => join(root, "node_modules", ".bin", name)
  console.log(run(bin("publint"), [tarball], root).trim())
  run(bin("attw"), [tarball, "--profile", "esm-only"], root)
  console.log("ok: publint and attw have nothing to say")

  const project = join(folder, "project")
  mkdirSync(join(project, "workflows"), { recursive: true })
  writeFileSync(
    join(project, "package.json"),
    '{ "name": "hello", "type": "module", "private": true }\n'
  )
  run("npm", ["install", "--no-audit", "--no-fund", tarball], project)
  run(
    "npm",
    ["install", "--no-audit", "--no-fund", "-D", "tsx", "typescript", "@types/node@20"],
    project
  )
  cpSync(join(root, "workflows/math.ts"), join(project, "workflows/math.ts"))
  for (const file of ["worker.ts", "client.ts"]) {
    const text = readFileSync(join(root, "examples/01-hello", file), "utf8")
    writeFileSync(join(project, file), text.replaceAll("../../workflows", "./workflows"))
  }
  const flags = [
    "--noEmit",
    "--strict",
    "--target",
    "esnext",
    "--module",
    "nodenext",
    "--types",
    "node",
    "--allowImportingTsExtensions"
  ]
  run(join(project, "node_modules/.bin/tsc"), [...flags, "worker.ts", "client.ts"], project)
  console.log("ok: the three files compile under tsc --strict")

  const environment = { ...process.env, ARPEGGIO_PORT: "0" }
  const tsx = join(project, "node_modules/.bin/tsx")
  const worker = spawn(tsx, ["worker.ts"], {
    cwd: project,
    env: environment,
    stdio: ["ignore", "ignore", "pipe"]
  })
  const ended = once(worker, "exit")
  const lines = createInterface({ input: worker.stderr })
  await new Promise<void>((resolve) => {
    lines.on("line", (line) => {
      if (line.includes("tasks")) resolve()
    })
  })
  const printed = execFileSync(tsx, ["client.ts"], {
    cwd: project,
    encoding: "utf8",
    env: environment
  })
  expect("the client prints the answer", printed.trim(), "18")
  const record = JSON.parse(readFileSync(join(project, ".arpeggio/server.json"), "utf8")) as {
    readonly pid: number
  }
  worker.kill("SIGTERM")
  const [code] = (await ended) as [number | null]
  expect("the worker ends with 0", code, 0)
  const alive = ((): boolean => {
    try {
      return process.kill(record.pid, 0)
    } catch {
      return false
    }
  })()
  expect("the server it started is gone", alive, false)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
