/** Fact: one copy with the default sync lost 1,500 of 1,500 acknowledged messages at a power cut: profiles say what is required, and what was found. */
import { spawn } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { connect } from "arpeggio"
import type { BrokerFacts } from "../../src/broker/broker.ts"
import { durabilityOf, shortfall } from "../../src/broker/durability.ts"
import { findBinary } from "../../src/dev-server/binary.ts"
import { findServer } from "../../src/dev-server/find.ts"
import type { ServerOptions } from "../../src/nats/found-server.ts"
import { brokerForTest, serverForTest } from "../nats/fixture.ts"
import { freePort } from "../nats-server.ts"
import {
  afterwards,
  environment,
  eventually,
  makeProject,
  supervisorOf
} from "../dev-server/project.ts"

/** What a server says of its own JetStream that runs with a project's configuration, on other ports and another store. */
const jetStreamOf = async (project: string): Promise<object> => {
  const own = JSON.parse(readFileSync(join(project, ".arpeggio/nats.conf"), "utf8"))
  const http = `127.0.0.1:${await freePort()}`
  const file = join(project, "other.conf")
  const settings = {
    ...own,
    port: await freePort(),
    http,
    log_file: join(project, "other.log"),
    jetstream: { ...own.jetstream, store_dir: join(project, "other") }
  }
  writeFileSync(file, JSON.stringify(settings))
  const binary = await findBinary(process.env, project, () => {})
  const child = spawn(binary, ["-c", file], { stdio: "ignore" })
  afterwards(() => void child.kill("SIGKILL"))
  const varz = await eventually("the monitoring port answers", () =>
    fetch(`http://${http}/varz`).then(
      (answer) => answer.json() as Promise<{ jetstream: { config: object } }>,
      () => undefined
    )
  )
  return varz.jetstream.config
}

for (const [sync, says] of [
  ["always", true],
  ["interval", undefined]
] as const) {
  test(`the project's own server with sync ${sync} runs so, and whoever joins it knows`, async () => {
    const directory = makeProject()
    const options = { directory, environment: environment(), embedded: true, say: () => {} }
    const owner = await findServer({ ...options, sync })
    afterwards(() => owner.release())
    expect(owner.sync).toBe(sync)
    const joined = await findServer({ directory, environment: environment(), say: () => {} })
    afterwards(() => joined.release())
    expect(joined).toMatchObject({ sync, source: "project" })
    const config = await jetStreamOf(directory)
    expect((config as { sync_always?: boolean }).sync_always).toBe(says)
    expect(
      JSON.parse(readFileSync(join(directory, ".arpeggio/server.json"), "utf8"))
    ).toMatchObject({
      sync
    })
  })
}

/** A process's way to the project's own server. */
const finder = (directory: string) => (options: ServerOptions) =>
  findServer({ directory, environment: environment(), embedded: true, say: () => {}, ...options })

const recordOf = (directory: string): unknown => {
  try {
    return JSON.parse(readFileSync(join(directory, ".arpeggio/server.json"), "utf8"))
  } catch {
    return undefined
  }
}

test("whoever starts the server again keeps writing to disk first, although it did not ask for that", async () => {
  const directory = makeProject()
  const find = finder(directory)
  const first = await find({ sync: "always" })
  const left = await find({})
  afterwards(() => left.release())
  const { pid } = supervisorOf(directory)!
  await first.release()
  process.kill(pid, "SIGKILL")
  await expect
    .poll(() => recordOf(directory), { timeout: 15_000 })
    .toMatchObject({ sync: "always", generation: 4 })
  expect(readFileSync(join(directory, ".arpeggio/nats.conf"), "utf8")).toContain("sync_interval")
})

test("a server that writes to disk late is replaced where it only lingers, and left to others that need it", async () => {
  const directory = makeProject()
  const find = finder(directory)
  const first = await find({})
  const refused = await find({ sync: "always" })
  expect(refused).toMatchObject({ sync: "interval", servers: first.servers })
  await refused.release()
  await first.release()
  const next = await find({ sync: "always" })
  afterwards(() => next.release())
  expect(next).toMatchObject({ sync: "always", source: "embedded", servers: first.servers })
})

const facts = (
  replicas: number,
  sync: BrokerFacts["sync"],
  required?: BrokerFacts["required"]
) => ({
  kind: "nats" as const,
  server: "here",
  version: "2.14.0",
  namespace: "shop",
  created: false,
  maxBytes: 1,
  replicas,
  sync,
  ...(required === undefined ? {} : { required })
})

test("what was found is named, and never guessed", () => {
  expect(durabilityOf(facts(1, "interval")).profile).toBe("dev")
  expect(durabilityOf(facts(1, "always")).profile).toBe("single")
  expect(durabilityOf(facts(3, "unknown")).profile).toBe("ha")
  expect(durabilityOf(facts(1, "unknown")).profile).toBe("unknown")
  expect(shortfall(facts(1, "unknown"))).toBeUndefined()
  expect(shortfall(facts(1, "unknown", "dev"))).toBeUndefined()
  expect(shortfall(facts(3, "unknown", "single"))).toBeUndefined()
  expect(shortfall(facts(1, "unknown", "single"))).toMatch(/cannot be known from here/)
})

test("a foreign server: `single` connects and says plainly what cannot be known, `ha` is refused", async () => {
  const server = await serverForTest()
  const lines: Array<string> = []
  const print = (line: string): void => void lines.push(line)
  const options = { servers: server.url, namespace: "shop", print }
  await using app = await connect({ ...options, profile: "single" })
  expect(lines.join("\n")).toMatch(/profile "single" is required: .* cannot be known from here/)
  const health = await app.health()
  expect(health).toMatchObject({
    ok: true,
    durability: { profile: "unknown", replicas: 1, sync: "unknown" }
  })
  expect(health.notes.join()).toContain("sync_interval: always")
  await expect(connect({ ...options, profile: "ha" })).rejects.toMatchObject({
    reason: "Misconfigured",
    message: expect.stringContaining('num_replicas is 1, and the profile "ha" needs 3')
  })
  await expect(connect({ ...options, namespace: "new", profile: "ha" })).rejects.toMatchObject({
    reason: "Misconfigured",
    message: expect.stringContaining("3 copies need as many servers")
  })
  lines.length = 0
  await using second = await connect(options)
  expect(lines).toEqual([])
  expect((await second.health()).notes).toEqual([])
})

test("the notice of a new namespace is said once, by whoever created it", async () => {
  const server = await serverForTest()
  const lines: Array<string> = []
  const options = {
    servers: server.url,
    namespace: "n",
    print: (line: string) => void lines.push(line)
  }
  await using _first = await connect(options)
  await using _second = await connect(options)
  expect(lines.filter((line) => line.includes("has been created"))).toHaveLength(1)
  const broker = await brokerForTest(server, {}, { namespace: "n" })
  expect(broker.facts.created).toBe(false)
})

test("wishes that contradict themselves are refused before anything is opened", async () => {
  const servers = "nats://127.0.0.1:1"
  await expect(connect({ servers, profile: "ha", replicas: 1 })).rejects.toMatchObject({
    reason: "Misconfigured",
    message: expect.stringContaining("contradicts")
  })
  await expect(connect({ servers, profile: "single", replicas: 3 })).rejects.toMatchObject({
    reason: "Misconfigured"
  })
  await expect(connect({ servers, profile: "best" as never })).rejects.toMatchObject({
    message: 'profile is "dev", "single" or "ha", not "best"'
  })
})
