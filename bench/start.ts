/** `npm run bench`: builds the library, installs what the bench needs, compiles it, and runs it on plain Node. */
import { spawn, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { findBinary } from "../src/dev-server/binary.ts"
import { optionsOf } from "./options.ts"

const bench = fileURLToPath(new URL(".", import.meta.url))
const root = join(bench, "..")
const args = process.argv.slice(2)

/** What this repository has written itself, so that it has to compile. */
const own: ReadonlyArray<string> = ["raw", "arpeggio"]

const run = (folder: string, program: string, ...input: ReadonlyArray<string>) =>
  spawnSync(program, input, {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    shell: process.platform === "win32"
  })

const must = (folder: string, program: string, ...input: ReadonlyArray<string>): void => {
  const { status, stdout } = run(folder, program, ...input)
  if (status === 0) return
  process.stderr.write(stdout)
  throw new Error(`${program} ${input.join(" ")} failed`)
}

/**
 * Peers stand among the development dependencies: whoever does not ask for them does not wait for them. Some of them ask for
 * a newer Node than they need; as optional ones npm would leave them out for that.
 */
const install = (asked: ReadonlyArray<string>): void => {
  const peers = asked.some((name) => !own.includes(name))
  const lock = createHash("sha256").update(readFileSync(join(bench, "package-lock.json")))
  const wanted = `${lock.digest("hex")} ${peers ? "with" : "without"} peers`
  const stamp = join(bench, "node_modules", ".installed")
  const found = existsSync(stamp) ? readFileSync(stamp, "utf8") : ""
  if (found === wanted || found === wanted.replace("without", "with")) return
  const npm = ["ci", "--no-audit", "--no-fund"]
  if (!peers || run(bench, "npm", ...npm).status !== 0) must(bench, "npm", ...npm, "--omit=dev")
  writeFileSync(stamp, wanted)
}

/** `import … from "arpeggio"` is the built package, and finds the one copy of effect that the root has. */
const link = (): void => {
  const place = join(bench, "node_modules", "arpeggio")
  rmSync(place, { force: true, recursive: true })
  symlinkSync("../..", place, "dir")
}

/** A peer that is not installed does not compile, and is left out when it is loaded; all else has to be right. */
const compile = (asked: ReadonlyArray<string>, required: ReadonlyArray<string>): void => {
  rmSync(join(bench, "dist"), { force: true, recursive: true })
  const { status, stdout } = run(bench, "npx", "tsc", "-p", ".", "--pretty", "false")
  if (status === 0) return
  const wrongIn = (systems: ReadonlyArray<string>): ReadonlyArray<string> =>
    stdout.split("\n").filter((line) => {
      const [, system] = /^systems\/([^/(]+)\//.exec(line) ?? []
      return line.includes("error TS") && (system === undefined || systems.includes(system))
    })
  process.stderr.write(
    wrongIn(asked)
      .map((line) => `${line}\n`)
      .join("")
  )
  if (wrongIn(required).length > 0) throw new Error("the bench does not compile")
}

/** A worker in one file, as a deployment may have it: for W5b. A system that cannot be bundled is not measured there. */
const bundle = async (): Promise<void> => {
  const systems = join(bench, "dist", "systems")
  const bundling = readdirSync(systems).map((system) =>
    build({
      entryPoints: [join(systems, system, "worker.js")],
      outfile: join(systems, system, "worker.bundled.mjs"),
      bundle: true,
      minify: true,
      platform: "node",
      format: "esm",
      // What is not written as a module asks for it.
      banner: {
        js: 'import { createRequire as r } from "node:module"; const require = r(import.meta.url);'
      },
      logLevel: "silent"
    }).catch(() => undefined)
  )
  await Promise.all(bundling)
}

const { only } = optionsOf(args)
must(root, "npm", "run", "build", "--silent")
install(only)
link()
compile(only, own)
await bundle()

const child = spawn(process.execPath, [join(bench, "dist", "run.js"), ...args], {
  stdio: "inherit",
  env: { ...process.env, NATS_SERVER_BIN: await findBinary(process.env, root) }
})
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal))
child.on("close", (code) => process.exit(code ?? 1))
