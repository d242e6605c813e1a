/** The web app of the guide, over HTTP: a server process and a worker process on a real broker. */
import { execFile, spawnSync } from "node:child_process"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, it } from "vitest"
import { connect } from "arpeggio"
import { snippetsOf } from "../docs/snippets.ts"
import { startNatsServer, type NatsServer } from "../nats-server.ts"
import { environment, eventually } from "../dev-server/project.ts"
import { startProgram, type Program } from "./program.ts"

const namespace = "web-app"
let nats: NatsServer
let web: Program
let worker: Program | undefined
let address: string

const facts = (): NodeJS.ProcessEnv =>
  environment({
    NATS_URL: nats.url,
    ARPEGGIO_NAMESPACE: namespace,
    PORT: "0",
    RECEIPT_SECRET: "for tests"
  })

const addressOf = (program: Program): Promise<string> =>
  eventually("the web server listens", async () => {
    if (program.process.exitCode !== null) throw new Error(program.notices.join("\n"))
    return program.output[0]
  })

beforeAll(async () => {
  nats = await startNatsServer()
  web = startProgram("examples/web-app/server.ts", facts())
  address = await addressOf(web)
}, 60_000)

afterAll(async () => {
  await Promise.all([web?.stop(), worker?.stop()])
  await nats?.stop()
}, 60_000)

const withWorker = async (): Promise<void> => {
  if (worker !== undefined) return
  worker = startProgram("examples/web-app/worker.ts", facts())
  await worker.noticed("reports.render")
}

interface Asked {
  readonly method?: string
  readonly user?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

const ask = async (path: string, { method = "GET", user = "ada", headers, body }: Asked = {}) => {
  const answer = await fetch(`${address}${path}`, {
    method,
    headers: { "x-user": user, ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) })
  })
  const text = await answer.text()
  const json = text.startsWith("{") ? (JSON.parse(text) as Record<string, string>) : {}
  return { status: answer.status, headers: answer.headers, json, text }
}

const post = (body: unknown, more: Asked = {}) => ask("/reports", { method: "POST", body, ...more })
const acme = { customer: "acme", month: "2026-10" }

const started = async (body: unknown = acme): Promise<string> => {
  const { status, headers } = await post(body)
  expect(status).toBe(202)
  return headers.get("location")!
}

/** The events of a stream, to its end. */
const events = (text: string): ReadonlyArray<string> =>
  text
    .trim()
    .split("\n\n")
    .map((event) => event.replace(/^event: (\w+)\ndata: /, "$1 "))

it("takes work, cancels it and answers while no worker is there", async () => {
  const place = await started()
  expect((await ask(place)).json).toEqual({ status: "pending" })
  const early = await ask(`${place}/result`)
  expect([early.status, early.json]).toEqual([202, { status: "pending" }])
  expect(early.headers.get("retry-after")).toBe("1")

  const revoked = await started()
  const cancelling = await ask(revoked, { method: "DELETE" })
  expect([cancelling.status, cancelling.json]).toEqual([202, { status: "cancelling" }])

  const late = await ask("/sales/acme/2026-10")
  expect([late.status, late.json]).toEqual([504, { error: "StillRunning" }])

  // Followed from before there is a worker to after the end.
  const following = ask(`${place}/events`)
  await withWorker()
  const told = events((await following).text)
  expect(told[0]).toBe("status pending")
  expect(told.at(-1)).toBe("end Succeeded")

  expect((await ask(`${place}/result`)).json).toEqual({ title: "acme in 2026-10", total: 2990 })
  await eventually("the cancel is carried out", async () =>
    (await ask(revoked)).json["status"] === "Cancelled" ? true : undefined
  )
  const gone = await ask(`${revoked}/result`)
  expect([gone.status, gone.json]).toEqual([410, { error: "RunCancelled" }])
}, 60_000)

const hasCurl = spawnSync("curl", ["--version"]).status === 0

it.skipIf(!hasCurl)("answers what the guide shows", async () => {
  await withWorker()
  const page = snippetsOf("docs/learn/web-app.md")
  const shown = page.find(({ text }) => text.startsWith("$ report="))!.text
  const typed = shown.split("\n").filter((line) => line.startsWith("$ "))
  const script = typed.map((line) => line.slice(2).replace("localhost:8080", address)).join("\n")
  const { stdout } = await promisify(execFile)("bash", ["-c", script])
  const printed = shown.split("\n").filter((line) => line !== "" && !line.startsWith("$ "))
  expect(stdout.split("\n").filter((line) => line !== "")).toEqual(printed)
})

it("says what went wrong", async () => {
  await withWorker()
  const nobody = await started({ customer: "nobody", month: "2026-10" })
  const declared = await ask(`${nobody}/result`, { headers: { prefer: "wait=20" } })
  expect([declared.status, declared.json]).toEqual([
    404,
    { error: "NoSuchCustomer", customer: "nobody" }
  ])
  const wrong = await post({ ...acme, month: "October" })
  expect([wrong.status, wrong.json["error"], wrong.json["path"]]).toEqual([
    400,
    "InvalidInput",
    "input.month"
  ])
  expect((await post("no JSON")).status).toBe(400)
  expect((await post({ ...acme, more: "x".repeat(20_000) })).status).toBe(413)
  expect((await post(acme, { headers: { "idempotency-key": "a b" } })).status).toBe(400)
  expect((await ask("/sales/acme/October")).status).toBe(400)
  expect((await ask("/sales/acme/2026-10")).json["cents"]).toEqual([1200, 800, 990])
}, 60_000)

it("starts once for one key of one user", async () => {
  const keyed = { headers: { "idempotency-key": "4711" } }
  const first = await post(acme, keyed)
  const again = await post(acme, keyed)
  expect([again.status, again.json]).toEqual([202, first.json])
  const other = await post({ ...acme, month: "2026-11" }, keyed)
  expect([other.status, other.json]).toEqual([409, { error: "KeyTaken" }])
  const others = await post({ ...acme, month: "2026-11" }, { ...keyed, user: "grace" })
  expect(others.status).toBe(202)
  expect(others.json["id"]!.split(".")[0]).not.toBe(first.json["id"]!.split(".")[0])
})

it("gives nobody the runs of others", async () => {
  const place = await started()
  const id = place.split("/").at(-1)!
  for (const [path, user] of [
    [place, "grace"],
    [`/reports/${id.split(".")[0]}`, "ada"],
    [`/reports/x${id}`, "ada"],
    ["/reports/nonsense", "ada"]
  ] as const) {
    for (const [more, method] of [
      ["", "GET"],
      ["/result", "GET"],
      ["/events", "GET"],
      ["", "DELETE"]
    ] as const) {
      expect(
        (await ask(`${path}${more}`, { user, method })).status,
        `${method} ${path}${more}`
      ).toBe(404)
    }
  }
  expect((await fetch(`${address}${place}`)).status).toBe(401)
})

it("answers 503 while the broker is away, and works again when it is back", async () => {
  expect((await ask("/ready")).status).toBe(200)
  const place = await started()
  nats.kill()
  await eventually("the web server has noticed", async () =>
    (await ask("/ready")).status === 503 ? true : undefined
  )
  const away = await post(acme)
  expect([away.status, away.json]).toEqual([503, { error: "BrokerError", reason: "Unreachable" }])
  expect(away.headers.get("retry-after")).toBe("5")
  expect((await ask(place)).status).toBe(503)
  await nats.restart()
  await eventually("the broker is back", async () =>
    (await ask("/ready")).status === 200 ? true : undefined
  )
  const kept = await ask(`${place}/result`, { headers: { prefer: "wait=30" } })
  expect([kept.status, kept.json]).toEqual([200, { title: "acme in 2026-10", total: 2990 }])
}, 60_000)

it("stops with requests under way, and the run goes on", async () => {
  await worker?.stop()
  worker = undefined
  const place = await started()
  const other = startProgram("examples/web-app/server.ts", facts())
  const there = `${await addressOf(other)}${place}`
  const headers = { "x-user": "ada" }
  const following = await fetch(`${there}/events`, { headers })
  const waiting = fetch(`${there}/result`, { headers: { ...headers, prefer: "wait=30" } })
  await following.body!.getReader().read()
  // Node lets connections stand for five seconds that might be used again.
  const began = performance.now()
  await other.stop()
  expect(await other.ended).toBe(0)
  expect(performance.now() - began).toBeLessThan(10_000)
  expect((await waiting).status).toBe(503)
  expect(other.notices).toEqual([])

  await withWorker()
  await using app = await connect({ servers: nats.url, namespace })
  const run = app.attach(place.split("/").at(-1)!.split(".")[0]!)
  expect(await run.result()).toEqual({ title: "acme in 2026-10", total: 2990 })
}, 60_000)
