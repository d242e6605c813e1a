/** A backup of the stream, taken and put back as `nats stream backup` and `restore` do: what was queued then is done again, with the same keys. */
import * as Schema from "effect/Schema"
import { connect, type NatsConnection } from "@nats-io/transport-node"
import { expect, onTestFinished, test } from "vitest"
import { step, task } from "arpeggio"
import { eventually } from "../dev-server/project.ts"
import { serverForTest } from "../nats/fixture.ts"
import { clientAt, stream, workerAt } from "./place.ts"

const done: Array<string> = []
let isUp = false

const note = task("backup.note", { input: [Schema.String], output: Schema.Finite }, (name) => {
  const { idempotencyKey, attempt } = step()
  if (name === "waits" && !isUp) throw new Error("not yet")
  done.push(`${name} ${idempotencyKey}`)
  return attempt
})

interface Answer {
  readonly error?: { readonly description: string }
}

const ask = async <A>(nats: NatsConnection, verb: string, body: object): Promise<A> => {
  const { data } = await nats.request(`$JS.API.STREAM.${verb}.${stream}`, JSON.stringify(body), {
    timeout: 5_000
  })
  const answer = JSON.parse(new TextDecoder().decode(data)) as A & Answer
  if (answer.error !== undefined) throw new Error(`${verb}: ${answer.error.description}`)
  return answer
}

interface Backup {
  readonly about: { readonly config: object; readonly state: object }
  readonly chunks: ReadonlyArray<Uint8Array>
}

const backupOf = async (nats: NatsConnection): Promise<Backup> => {
  const to = `_INBOX.backup.${process.pid}`
  const arriving = nats.subscribe(to)
  const about = await ask<Backup["about"]>(nats, "SNAPSHOT", { deliver_subject: to })
  const chunks: Array<Uint8Array> = []
  for await (const message of arriving) {
    if (message.data.length === 0) break
    chunks.push(message.data)
    message.respond()
  }
  return { about, chunks }
}

const restore = async (nats: NatsConnection, { about, chunks }: Backup): Promise<void> => {
  const { config, state } = about
  const { deliver_subject: to } = await ask<{ readonly deliver_subject: string }>(nats, "RESTORE", {
    config,
    state
  })
  for (const chunk of chunks) await nats.request(to, chunk, { timeout: 5_000 })
  await nats.request(to, "", { timeout: 5_000 })
}

test("what was queued when a backup was made is done again after it was put back", async () => {
  const server = await serverForTest()
  const nats = await connect({ servers: server.url })
  onTestFinished(() => nats.close())
  const app = await clientAt(server)
  const waits = await app.start(
    note("waits").with({ retry: { times: 5, initial: "2 seconds", jitter: 0 } })
  )
  const first = await workerAt(server, [note])
  await eventually("an attempt has failed", async () =>
    (await waits.status()) === "retrying" ? true : undefined
  )
  await first.drain()
  const queued = await app.start(note("queued"))
  const backup = await backupOf(nats)

  isUp = true
  const second = await workerAt(server, [note])
  await Promise.all([queued.result(), waits.result()])
  await Promise.all([second.drain(), app.close()])
  expect(done.length).toBe(2)

  await ask(nats, "DELETE", {})
  await restore(nats, backup)
  const third = await workerAt(server, [note])
  const again = await clientAt(server)
  expect(await again.attach(queued.id, note).result()).toBe(1)
  expect(await again.attach(waits.id, note).result()).toBe(2)
  expect(done.length).toBe(4)
  expect(new Set(done).size).toBe(2)
  expect((await third.health()).problems).toEqual([])
}, 60_000)
