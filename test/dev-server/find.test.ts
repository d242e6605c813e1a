/** In which order a process looks for its server, and what it says when there is none. */
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { afterEach, expect, test, vi } from "vitest"
import { BrokerError } from "../../src/broker/errors.ts"
import { openBroker } from "../../src/nats/open.ts"
import { findServer } from "../../src/dev-server/find.ts"
import type { FoundServer, ServerOptions } from "../../src/nats/found-server.ts"
import { freePort } from "../nats-server.ts"
import { afterwards, environment, makeProject, occupyPort, readRecord } from "./project.ts"

afterEach(() => vi.unstubAllEnvs())

const find = async (options: ServerOptions): Promise<FoundServer> => {
  const found = await findServer({ environment: environment(), say: () => {}, ...options })
  afterwards(() => found.release())
  return found
}

const refusal = async (options: ServerOptions): Promise<BrokerError> => {
  const thrown = await find(options).catch((thrown: unknown) => thrown)
  expect(thrown).toBeInstanceOf(BrokerError)
  expect((thrown as BrokerError).reason).toBe("Unreachable")
  return thrown as BrokerError
}

const info = (more: object): string =>
  `INFO ${JSON.stringify({ version: "2.14.0", server_name: "own", jetstream: true, api_lvl: 4, ...more })} \r\n`

test("the servers option comes first, then NATS_URL", async () => {
  const named = environment({ NATS_URL: "nats://one:4222, nats://two:4222" })
  expect(await find({ servers: "nats://here:4222", environment: named })).toMatchObject({
    servers: ["nats://here:4222"],
    source: "option",
    embedded: false
  })
  expect(await find({ environment: named })).toMatchObject({
    servers: ["nats://one:4222", "nats://two:4222"],
    source: "environment",
    sync: "unknown"
  })
})

test("what is wrong with NATS_URL is said of NATS_URL", async () => {
  const from = "in the variable NATS_URL"
  for (const url of ["nats://me:a,Xy9kQz@host:1", "nats://host:99999", "nats://127.0.0.1:1"]) {
    vi.stubEnv("NATS_URL", url)
    const named = await openBroker({}, findServer).catch((error: unknown) => error)
    expect(String(named)).toContain(from)
    expect(String(named)).not.toContain("kQz")
    const given = await openBroker({ servers: url }, findServer).catch((error: unknown) => error)
    expect(given).toBeInstanceOf(BrokerError)
    expect(String(given)).not.toContain(from)
  }
})

test("an empty servers option is an error, not a search", async () => {
  expect((await refusal({ servers: "" })).message).toContain("names no server")
})

test("a server on this machine that will do is taken", async () => {
  const port = await occupyPort(info({}))
  const found = await find({
    directory: makeProject(),
    environment: environment({ ARPEGGIO_PORT: String(port) })
  })
  expect(found).toMatchObject({ servers: [`nats://127.0.0.1:${port}`], source: "local" })
})

test.each([
  [info({ api_lvl: 3, version: "2.12.1" }), "is 2.12.1, and 2.14.0 is the oldest"],
  [info({ jetstream: false }), "has no JetStream"],
  [info({ auth_required: true }), "wants credentials"],
  [info({ tls_required: true }), "wants TLS"],
  [info({ server_name: "arpeggio-0123" }), "belongs to another project"],
  ["SSH-2.0-OpenSSH\r\n", "not NATS"]
])("no server reachable: %s", async (answer, reason) => {
  const port = await occupyPort(answer)
  const { message } = await refusal({
    directory: makeProject(),
    embedded: false,
    environment: environment({ ARPEGGIO_PORT: String(port) })
  })
  expect(message).toContain("No NATS server reachable: NATS_URL is not set")
  expect(message).toContain(`127.0.0.1:${port} is no help`)
  expect(message).toContain(reason)
  expect(message).toContain("`embedded: false` forbids starting one")
})

test("the port taken by something else: a free one", async () => {
  const port = await occupyPort("220 mail\r\n")
  const found = await find({
    directory: makeProject(),
    environment: environment({ ARPEGGIO_PORT: String(port) })
  })
  expect(found).toMatchObject({ source: "embedded", embedded: true, sync: "interval" })
  expect(found.servers[0]).not.toContain(`:${port}`)
  expect(found.binary).toContain("nats-server")
})

test("a deployment sign refuses and says what to do; embedded: true decides", async () => {
  const directory = makeProject()
  const deployed = environment({ NODE_ENV: "production" })
  const { message } = await refusal({ directory, environment: deployed })
  expect(message).toContain("NODE_ENV=production")
  expect(message).toContain("Set NATS_URL")
  expect(readRecord(directory)).toBeUndefined()
  const found = await find({ directory, environment: deployed, embedded: true })
  expect(found.source).toBe("embedded")
  // What runs already is found from a folder below, also where none may be started.
  mkdirSync(join(directory, "packages/one"), { recursive: true })
  const below = await find({ directory: join(directory, "packages/one"), environment: deployed })
  expect(below).toMatchObject({ source: "project", servers: found.servers })
})

test("the server comes back on the port it had", async () => {
  const directory = makeProject()
  const first = await find({ directory })
  await first.release()
  expect((await find({ directory })).servers).toEqual(first.servers)
})

test("releasing twice does not touch what another process has started since", async () => {
  const directory = makeProject()
  const first = await find({ directory })
  await first.release()
  await find({ directory })
  await first.release()
  expect(readRecord(directory)).toBeDefined()
})

test("no program to start: the three ways out", async () => {
  const { message } = await refusal({
    directory: makeProject(),
    environment: environment({ NATS_SERVER_BIN: "/nowhere/nats-server" })
  })
  expect(message).toContain("NATS_SERVER_BIN names /nowhere/nats-server, but it does not run")
})

test("the port that is asked for wins over the one of the last time", async () => {
  const directory = makeProject()
  const first = await findServer({ directory, environment: environment(), say: () => {} })
  await first.release()
  const port = await freePort()
  expect(first.servers[0]).not.toContain(`:${port}`)
  const second = await find({ directory, environment: environment({ ARPEGGIO_PORT: `${port}` }) })
  expect(second).toMatchObject({ source: "embedded", servers: [`nats://127.0.0.1:${port}`] })
  // Without a wish, and with the same one, the server that runs is joined; with another one it is said what is wrong.
  for (const wish of ["", "0", String(port)]) {
    const joined = await find({ directory, environment: environment({ ARPEGGIO_PORT: wish }) })
    expect(joined).toMatchObject({ source: "project", servers: second.servers })
  }
  const other = environment({ ARPEGGIO_PORT: String(port === 4333 ? 4334 : 4333) })
  const { message } = await refusal({ directory, environment: other })
  expect(message).toMatch(
    new RegExp(`ARPEGGIO_PORT asks for port 433., but .* runs already, on ${port}`)
  )
})

test("who asks for a port that was taken joins the server that was started elsewhere for that reason", async () => {
  const directory = makeProject()
  const wish = environment({ ARPEGGIO_PORT: String(await occupyPort("220 mail\r\n")) })
  const first = await find({ directory, environment: wish })
  const second = await find({ directory, environment: wish })
  expect(second).toMatchObject({ source: "project", servers: first.servers })
})

test.each(["4222x", "-1", "65536", "any"])("%s is no port to ask for", async (text) => {
  const wish = environment({ ARPEGGIO_PORT: text })
  const { message } = await refusal({ directory: makeProject(), environment: wish })
  expect(message).toContain(`up to 65535, or 0 for any, not "${text}"`)
})
