/** A web server that starts runs, says how they are, gives their results and cancels them. */
import { setTimeout as wait } from "node:timers/promises"
import { serve } from "@hono/node-server"
import { Hono } from "hono"
import { bodyLimit } from "hono/body-limit"
import { HTTPException } from "hono/http-exception"
import { streamSSE } from "hono/streaming"
import { connect, StillRunning } from "arpeggio"
import { answerTo } from "./errors.ts"
import { receiptOf, runOf } from "./receipts.ts"
import { collect, report } from "./reports.ts"

// One connection for the whole process. No request waits longer than this for a broker that is away.
const app = await connect({ timeout: "5 seconds" })
const leaving = new AbortController()

const web = new Hono<{ Variables: { user: string } }>()

web.get("/ready", async (c) => {
  const { ok, problems } = await app.health()
  return c.json({ problems }, ok ? 200 : 503)
})

// Your login stands here.
web.use(async (c, next) => {
  const user = c.req.header("x-user")
  if (user === undefined) throw new HTTPException(401)
  c.set("user", user)
  await next()
})

// Start: 202 as soon as the work is stored, whether or not a worker is there.
web.post("/reports", bodyLimit({ maxSize: 10_000 }), async (c) => {
  const user = c.get("user")
  const asked = await c.req.json().catch(() => undefined)
  const key = c.req.header("idempotency-key")
  if (key !== undefined && !/^[\w-]{1,100}$/.test(key)) throw new HTTPException(400)
  // The user is a part of the key: another one's request must never give this run.
  const keyed = key === undefined ? report : report.with({ key: `report/${user}/${key}` })
  const { id } = await app.start(keyed, asked)
  const receipt = receiptOf(user, id)
  return c.json({ id: receipt }, 202, { location: `/reports/${receipt}` })
})

const attach = (user: string, receipt: string) => {
  const run = runOf(user, receipt)
  if (run === undefined) throw new HTTPException(404)
  return app.attach(run, report)
}

// Poll.
web.get("/reports/:id", async (c) => {
  const status = await attach(c.get("user"), c.req.param("id")).status()
  return c.json({ status }, status === "unknown" ? 404 : status === "forgotten" ? 410 : 200)
})

// Follow: an event every two seconds, and one at once when it has ended.
web.get("/reports/:id/events", (c) => {
  const run = attach(c.get("user"), c.req.param("id"))
  const gone = new AbortController()
  const signal = AbortSignal.any([leaving.signal, gone.signal])
  return streamSSE(
    c,
    async (stream) => {
      stream.onAbort(() => gone.abort())
      const ended = run.outcome({ signal }).catch(() => {})
      for (;;) {
        const data = await run.status({ signal })
        const isOver = !["pending", "running", "retrying"].includes(data)
        await stream.writeSSE({ event: isOver ? "end" : "status", data })
        if (isOver) return
        await Promise.race([ended, wait(2_000, undefined, { signal })])
      }
    },
    // The browser asks again by itself.
    async () => gone.abort()
  )
})

// The result: 202 as long as there is none. `Prefer: wait=5` waits for it first.
web.get("/reports/:id/result", async (c) => {
  const run = attach(c.get("user"), c.req.param("id"))
  const seconds = Math.min(
    Number(/\bwait=(\d{1,2})/.exec(c.req.header("prefer") ?? "")?.[1] ?? 1),
    30
  )
  const signal = AbortSignal.any([leaving.signal, c.req.raw.signal])
  try {
    return c.json(await run.result({ within: `${seconds} seconds`, signal }))
  } catch (error) {
    if (!(error instanceof StillRunning)) throw error
    return c.json({ status: await run.status() }, 202, { "retry-after": "1" })
  }
})

// Start and wait: for what is short, and of no use later. 504 when it takes too long; the deadline then stops it.
web.get("/sales/:customer/:month", async (c) => {
  const sales = collect(c.req.param()).with({ deadline: "3 seconds" })
  return c.json(await app.run(sales, { within: "2 seconds", signal: c.req.raw.signal }))
})

// Cancel: 202 when the cancel is stored, and no worker was there to carry it out.
web.delete("/reports/:id", async (c) => {
  const run = attach(c.get("user"), c.req.param("id"))
  try {
    return c.json({ status: await run.cancel({ within: "2 seconds" }) })
  } catch (error) {
    if (!(error instanceof StillRunning)) throw error
    return c.json({ status: "cancelling" }, 202)
  }
})

web.onError((error, c) => {
  if (error instanceof HTTPException) return error.getResponse()
  if (leaving.signal.aborted) return c.json({ error: "Stopping" }, 503)
  const { status, body } = answerTo(error)
  return c.json(body, status, status === 503 ? { "retry-after": "5" } : {})
})

const server = serve({ fetch: web.fetch, port: Number(process.env["PORT"] ?? 8080) }, ({ port }) =>
  console.log(`http://127.0.0.1:${port}`)
)

// No new requests, the answers that are under way, and then the connection. Runs go on.
const stop = (): void => {
  leaving.abort()
  server.close(() => void app.close())
}
process.once("SIGTERM", stop).once("SIGINT", stop)
