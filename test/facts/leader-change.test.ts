/** Fact: while a replicated stream has no leader nobody answers (503); it has one again within seconds. */
import { connect } from "@nats-io/transport-node"
import { expect, onTestFinished, test } from "vitest"
import { connectNats } from "../../src/nats/broker.ts"
import { lookUntil } from "../../src/dev-server/poll.ts"
import { freePort, type NatsServer } from "../nats-server.ts"
import { serverForTest } from "../nats/fixture.ts"
import { clientAt, double, namespace, stream, took, workerAt } from "./place.ts"

const ports = (): Promise<ReadonlyArray<number>> => Promise.all([1, 2, 3].map(freePort))

const cluster = async (): Promise<ReadonlyArray<NatsServer>> => {
  const own = await ports()
  const between = await ports()
  const routes = between.map((port) => `nats://127.0.0.1:${port}`).join(", ")
  return Promise.all(
    own.map((port, at) =>
      serverForTest({
        port,
        configuration: `server_name: s${at}\ncluster { name: c, listen: "127.0.0.1:${between[at]}", routes: [${routes}] }`
      })
    )
  )
}

test("three servers: profile ha makes three copies, and work goes on when leaders step down and die", async () => {
  const servers = await cluster()
  const urls = servers.map(({ url }) => url)
  const url = urls.join(",")
  const options = { servers: urls, namespace, profile: "ha" } as const
  const broker = await lookUntil(
    () => connectNats(options, { leaderless: 1_000 }).catch(() => undefined),
    30_000
  )
  onTestFinished(() => broker?.close())
  expect(broker?.facts).toMatchObject({ replicas: 3, created: true, required: "ha" })
  expect((await broker!.health()).durability).toEqual({
    profile: "ha",
    replicas: 3,
    sync: "unknown"
  })
  const worker = await workerAt({ url })
  const app = await clientAt({ url })
  expect(await app.run(double(1))).toBe(2)

  const operator = await connect({ servers: urls, maxReconnectAttempts: -1 })
  onTestFinished(() => operator.close())
  const leader = async (): Promise<string> => {
    const info = await operator.request(`$JS.API.STREAM.INFO.${stream}`, "")
    return info.json<{ cluster?: { leader?: string } }>().cluster?.leader ?? ""
  }
  for (const round of [1, 2, 3]) {
    await operator.request(`$JS.API.STREAM.LEADER.STEPDOWN.${stream}`, "")
    await operator.request(`$JS.API.CONSUMER.LEADER.STEPDOWN.${stream}.queue-default-0`, "")
    const stall = await took(async () => expect(await app.run(double(round))).toBe(2 * round))
    expect(stall).toBeLessThan(15_000)
  }
  await expect.poll(leader, { timeout: 10_000 }).toMatch(/^s\d$/)
  const dead = servers[Number((await leader()).slice(1))]!
  dead.kill()
  const stall = await took(async () => expect(await app.run(double(7))).toBe(14))
  expect(stall).toBeLessThan(15_000)
  expect(await Promise.all([1, 2, 3, 4].map((x) => app.run(double(x))))).toEqual([2, 4, 6, 8])
  await expect.poll(async () => (await worker.health()).problems, { timeout: 10_000 }).toEqual([])
}, 90_000)
