/**
 * `npm run test:package`: packs the library, checks the package as its users' tools see it, and does what the README
 * says in an empty folder: three files, a worker in one process, a client in another. Then the same with the worker
 * bundled, as its documentation says.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process"
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

/** Starts a worker as its user would, asks it with the client of the README, and stops it. */
const answers = async (project: string, command: string, file: string): Promise<void> => {
  const environment = { ...process.env, ARPEGGIO_PORT: "0" }
  const worker = spawn(command, [file], {
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
  const printed = execFileSync(join(project, "node_modules/.bin/tsx"), ["client.ts"], {
    cwd: project,
    encoding: "utf8",
    env: environment
  })
  expect(`${file}: the client prints the answer`, printed.trim(), "18")
  const record = JSON.parse(readFileSync(join(project, ".arpeggio/server.json"), "utf8")) as {
    readonly pid: number
  }
  worker.kill("SIGTERM")
  const [code] = (await ended) as [number | null]
  expect(`${file}: the worker ends with 0`, code, 0)
  const alive = ((): boolean => {
    try {
      return process.kill(record.pid, 0)
    } catch {
      return false
    }
  })()
  expect(`${file}: the server it started is gone`, alive, false)
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

  const tsx = join(project, "node_modules/.bin/tsx")
  await answers(project, tsx, "worker.ts")
  const banner =
    'import { createRequire as r } from "node:module"; const require = r(import.meta.url);'
  const bundling = ["worker.ts", "--bundle", "--minify", "--platform=node", "--format=esm"]
  const { stderr: said } = spawnSync(
    bin("esbuild"),
    [...bundling, "--outfile=worker.mjs", `--banner:js=${banner}`, "--log-level=warning"],
    { cwd: project, encoding: "utf8" }
  )
  expect("esbuild has nothing to say about a worker with its tasks", said, "")
  await answers(project, process.execPath, "worker.mjs")
} finally {
  rmSync(folder, { recursive: true, force: true })
}
