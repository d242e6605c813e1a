/** What the guide to deploying shows: its worker runs and stops in time, and its files can be read by those they are for. */
import { execFileSync, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { connect } from "arpeggio"
import { add, mul } from "../../workflows/math.ts"
import { root, startProgram } from "../examples/program.ts"
import { freePort, launch, type NatsServer, serverBinary, startNatsServer } from "../nats-server.ts"
import { environment, eventually } from "../dev-server/project.ts"
import { snippetsOf, writeSnippets } from "./snippets.ts"
import { type Yaml, yamlOf } from "./yaml.ts"

const page = "docs/operate/deploying.md"
const snippets = snippetsOf(page)
/** A block by its first line, which names a file. */
const shown = (file: string): string =>
  snippets.find(({ text }) => text.startsWith(`# ${file}\n`) || text.startsWith(`// ${file}\n`))!
    .text

let directory: string
let nats: NatsServer

beforeAll(async () => {
  mkdirSync(join(root, ".tmp"), { recursive: true })
  directory = mkdtempSync(join(root, ".tmp/deploying-"))
  writeSnippets(page, directory)
  nats = await startNatsServer()
})

afterAll(async () => {
  rmSync(directory, { recursive: true, force: true })
  await nats?.stop()
})

const worker = async (more: NodeJS.ProcessEnv) => {
  const port = await freePort()
  const program = startProgram(
    join(directory, "worker.ts").slice(root.length),
    environment({ NATS_URL: nats.url, PORT: String(port), ...more })
  )
  await program.noticed("math.add, math.mul")
  const probe = async (path: string): Promise<number | undefined> =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: "close" } }).then(
      ({ status }) => status,
      () => undefined
    )
  await eventually("it is ready", async () => ((await probe("/ready")) === 200 ? true : undefined))
  return { program, probe }
}

it("its worker does work, answers probes, and stops when it is told to", async () => {
  const { program, probe } = await worker({ ARPEGGIO_NAMESPACE: "stops" })
  await using app = await connect({ servers: nats.url, namespace: "stops", print: () => {} })
  expect(await app.run(add(1, 2))).toBe(3)
  expect(await probe("/")).toBe(200)
  const began = performance.now()
  await program.stop()
  expect(await program.ended, program.notices.join("\n")).toBe(0)
  expect(performance.now() - began).toBeLessThan(15_000)
})

it("its worker is not ready without a broker, alive, and ready again with one", async () => {
  const { program, probe } = await worker({ ARPEGGIO_NAMESPACE: "away" })
  nats.kill()
  await eventually("it is not ready", async () =>
    (await probe("/ready")) === 503 ? true : undefined
  )
  expect(await probe("/")).toBe(200)
  await nats.restart()
  await eventually("it is ready again", async () =>
    (await probe("/ready")) === 200 ? true : undefined
  )
  await program.stop()
  expect(await program.ended).toBe(0)
}, 40_000)

/** Process 1 of a container hears only the signals that it listens to. */
const alone = spawnSync("unshare", ["--fork", "--pid", "--mount-proc", "true"]).status === 0

it.skipIf(!alone)(
  "its worker stops as process 1, which says to wait for NATS_URL",
  async () => {
    const bundle = join(directory, "worker.mjs")
    const words = [
      "--bundle",
      "--platform=node",
      "--target=node20",
      "--format=esm",
      `--tsconfig=${join(root, "tsconfig.json")}`,
      `--outfile=${bundle}`,
      `--banner:js=${/--banner:js='([^']+)'/.exec(shown("Dockerfile.bundle"))![1]}`
    ]
    const esbuild = join(root, "node_modules/.bin/esbuild")
    execFileSync(esbuild, [join(directory, "worker.ts"), "--log-level=error", ...words])
    const script = join(directory, "as-first.ts")
    // SIGTERM to unshare does not reach what it has started, so the first process is told by name.
    writeFileSync(
      script,
      `import { spawn } from "node:child_process"
     import { readFileSync } from "node:fs"
     const child = spawn("unshare", ["--fork", "--pid", "--mount-proc", process.execPath, ${JSON.stringify(bundle)}], { stdio: "inherit" })
     child.once("exit", (code, signal) => process.exit(code ?? 1))
     process.once("SIGTERM", () => {
       const first = readFileSync(\`/proc/\${child.pid}/task/\${child.pid}/children\`, "utf8").trim()
       process.kill(Number(first), "SIGTERM")
     })`
    )
    const start = (more: NodeJS.ProcessEnv) =>
      startProgram(
        script.slice(root.length),
        environment({ ARPEGGIO_NAMESPACE: "first", PORT: "0", ...more })
      )
    const lost = start({})
    expect(await lost.ended).toBe(1)
    expect(lost.notices.join("\n")).toMatch(/NATS_URL/)

    const program = start({ NATS_URL: nats.url })
    await program.noticed("math.add, math.mul")
    await program.stop()
    expect(await program.ended, program.notices.join("\n")).toBe(0)
  },
  40_000
)

const at = (value: Yaml, path: string): Yaml =>
  path
    .split(".")
    .reduce<Yaml>((inner, key) => (inner as { readonly [key: string]: Yaml })[key]!, value)

/** Of the kinds that the page uses, as Kubernetes has them. */
const fields = new Set(
  `apiVersion kind metadata name spec replicas selector matchLabels app strategy rollingUpdate maxSurge maxUnavailable
   template labels terminationGracePeriodSeconds containers image env value valueFrom secretKeyRef key ports containerPort
   readinessProbe livenessProbe httpGet path port periodSeconds timeoutSeconds failureThreshold resources requests limits cpu
   memory`.split(/\s+/)
)

const keysOf = (value: Yaml): ReadonlyArray<string> => {
  if (Array.isArray(value)) return value.flatMap(keysOf)
  if (typeof value !== "object") return []
  return Object.keys(value).concat(Object.values(value).flatMap(keysOf))
}

it("its manifest waits longer than the grace, and probes what the worker serves", () => {
  const manifest = yamlOf(shown("worker.yaml"))
  expect(keysOf(manifest).filter((key) => !fields.has(key))).toEqual([])
  expect(at(manifest, "spec.selector.matchLabels")).toEqual(
    at(manifest, "spec.template.metadata.labels")
  )
  const program = shown("worker.ts")
  const grace = Number(/grace: "(\d+) seconds"/.exec(program)![1])
  const pod = at(manifest, "spec.template.spec")
  expect(at(pod, "terminationGracePeriodSeconds")).toBeGreaterThanOrEqual(grace + 3)
  expect(
    Number(/^TimeoutStopSec=(\d+)$/m.exec(shown("shop-worker@.service"))![1])
  ).toBeGreaterThanOrEqual(grace + 3)
  const container = at(pod, "containers.0")
  expect(at(container, "ports.0.containerPort")).toBe(8080)
  expect(program).toContain(`?? ${String(at(container, "ports.0.containerPort"))})`)
  expect(program).toContain(`"${String(at(container, "readinessProbe.httpGet.path"))}"`)
  expect(at(container, "readinessProbe.timeoutSeconds")).toBeGreaterThan(2)
  const names = (at(container, "env") as ReadonlyArray<Yaml>).map((each) => at(each, "name"))
  expect(names).toEqual(["ARPEGGIO_NAMESPACE", "NATS_URL"])
  expect(yamlOf(shown("nats-values.yaml"))).toHaveProperty("config.jetstream.fileStore.pvc.size")
})

it("its images start node itself", () => {
  for (const file of ["Dockerfile", "Dockerfile.bundle"]) {
    const lines = shown(file).trim().split("\n").slice(1)
    for (const line of lines.filter((line) => line !== "")) {
      expect(line).toMatch(/^(?:FROM|ENV|WORKDIR|COPY|RUN|USER|CMD) /)
    }
    const command = JSON.parse(lines.at(-1)!.replace(/^CMD /, "")) as ReadonlyArray<string>
    expect(command[0]).toBe("node")
  }
})

const systemd = spawnSync("systemd-analyze", ["--version"]).status === 0

it.skipIf(!systemd)("its unit is one for systemd", () => {
  const unit = join(directory, "shop-worker@.service")
  writeFileSync(unit, shown("shop-worker@.service").replace("/usr/bin/node", process.execPath))
  const { status, stderr } = spawnSync("systemd-analyze", ["verify", unit], { encoding: "utf8" })
  expect(stderr).not.toContain("shop-worker")
  expect(status).toBe(0)
})

it("its configuration is one for nats-server, and a worker finds what it needs there", async () => {
  const binary = await serverBinary()
  const file = join(directory, "nats.conf")
  const secrets = { SHOP_PASSWORD: "s3cret", ADMIN_PASSWORD: "t0psecret" }
  writeFileSync(file, shown("nats.conf").replace("/var/lib/nats", join(directory, "store")))
  const checked = spawnSync(binary, ["-t", "-c", file], {
    encoding: "utf8",
    env: { ...process.env, ...secrets }
  })
  expect(checked.status, checked.stderr).toBe(0)

  // Alone, on a port of its own, with little disk.
  Object.assign(process.env, secrets)
  const single = shown("nats.conf")
    .replace("/var/lib/nats", join(directory, "store"))
    .replace("0.0.0.0:4222", "127.0.0.1:-1")
    .replace(/cluster \{[^}]*\}\n/, "")
    .replaceAll("0GB", "0MB")
  writeFileSync(file, single)
  const server = await launch(binary, file)
  try {
    const place = {
      servers: `nats://shop:s3cret@127.0.0.1:${server.port}`,
      namespace: "shop",
      print: () => {}
    }
    await using app = await connect(place)
    const run = await app.start(mul(6, 7).with({ queue: "q" }))
    expect(await run.status()).toBe("pending")
    expect((await app.health()).room?.of).toBe("account")
    await expect(connect({ ...place, profile: "ha" })).rejects.toThrow(/3|three/)
  } finally {
    server.child.kill("SIGTERM")
    await server.ended
  }
})
