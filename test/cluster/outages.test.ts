/** Servers of a cluster go away and come back: what is waited for, what is said, and that nothing is miscounted. */
import { expect, onTestFinished, test } from "vitest"
import { clientOver, workerOver } from "arpeggio/testing"
import { consumerOf } from "../../src/encode/subjects.ts"
import { connectNats } from "../../src/transport/nats/broker.ts"
import {
  bytes,
  newLane,
  newRun,
  publishCalls,
  subjectIn,
  take
} from "../conformance/broker/place.ts"
import { add, canvasTasks } from "../fixtures/tasks.ts"
import { brokerForTest, clusterForTest, namespace, stream } from "./fixture.ts"

const patient = { timeout: 120_000 }

test("many processes create the stream at once", async () => {
  const cluster = await clusterForTest()
  const brokers = await Promise.all(Array.from({ length: 8 }, () => brokerForTest(cluster)))
  expect(brokers.map(({ facts }) => facts.replicas)).toEqual(Array.from({ length: 8 }, () => 3))
})

test(
  "a stream is not created with a server away, which is said; it is once that server is back",
  patient,
  async () => {
    const cluster = await clusterForTest()
    const [first, ...others] = cluster.members as [(typeof cluster.members)[number]]
    const living = { url: others.map(({ url }) => url).join(",") }
    await first.leave()
    const options = { servers: living.url, namespace, replicas: 3 } as const
    const refused = await connectNats(options, { leaderless: 500 }).then(
      () => undefined,
      (error: unknown) => error
    )
    expect(refused).toMatchObject({
      reason: "Unreachable",
      message: expect.stringContaining("Start the missing ones")
    })
    const later = brokerForTest(living)
    await first.start()
    expect((await later).facts.replicas).toBe(3)
  }
)

test(
  "with one server away a stream that exists takes starts, and its workers work",
  patient,
  async () => {
    const cluster = await clusterForTest()
    const broker = await brokerForTest(cluster)
    await (await cluster.leaderOf(stream)).kill()
    const late = await brokerForTest(cluster)
    const worker = await workerOver(late, canvasTasks)
    onTestFinished(() => worker.drain())
    const app = await clientOver(broker)
    expect(await app.run(add(1, 2))).toBe(3)
  }
)

test("a worker whose server is killed goes on at another", patient, async () => {
  const cluster = await clusterForTest()
  await (await brokerForTest(cluster)).close()
  const leader = await cluster.leaderOf(stream)
  const home = cluster.members.find((member) => member !== leader)!
  // It is told one address, and learns the others from the server.
  const worker = await workerOver(await brokerForTest(home), canvasTasks)
  onTestFinished(() => worker.drain())
  const app = await clientOver(await brokerForTest(leader))
  expect(await app.run(add(1, 2))).toBe(3)
  await home.kill()
  const began = performance.now()
  expect(await app.run(add(3, 4))).toBe(7)
  expect(performance.now() - began).toBeLessThan(15_000)
})

test(
  "calls go on coming within seconds after the consumer's leader was killed",
  patient,
  async () => {
    const cluster = await clusterForTest()
    const lane = newLane()
    const consumer = consumerOf(lane.queue, lane.level)
    const broker = await brokerForTest(cluster)
    const taken = await take(broker, lane, 100)
    await publishCalls(broker, lane, 3)
    await taken.arrived(3)
    for (const call of taken.calls) call.ack()
    const leader = await cluster.leaderOf(stream, consumer)
    await leader.kill()
    await cluster.leaderOf(stream, consumer)
    const began = performance.now()
    const subjects = await publishCalls(broker, lane, 3)
    await expect
      .poll(
        () => subjects.every((subject) => taken.calls.some((call) => call.subject === subject)),
        {
          timeout: 30_000,
          interval: 10
        }
      )
      .toBe(true)
    // A pull request that died with the server is missed after three beats of 2 s.
    expect(performance.now() - began).toBeLessThan(12_000)
    await taken.consumption.stop()
  }
)

test(
  "what lags is not counted: a replica that is alone and lacks records does not speak for the stream",
  patient,
  async () => {
    const cluster = await clusterForTest()
    await (await brokerForTest(cluster)).close()
    const leader = await cluster.leaderOf(stream)
    const [behind, other] = cluster.members.filter((member) => member !== leader)
    const broker = await brokerForTest({ url: `${leader.url},${other!.url}` })
    const run = newRun()
    const member = (at: number): string => subjectIn(broker, "i", run, "A", String(at))
    await broker.publish({ subject: member(0), body: bytes("0") })
    await behind!.kill()
    for (let at = 1; at < 20; at++) await broker.publish({ subject: member(at), body: bytes("on") })
    await Promise.all([leader.kill(), other!.kill()])
    await behind!.start()
    // It describes the stream as it knows it, once it has missed a leader for long enough.
    await cluster.leaderless(stream, behind!)
    const counted = broker.count(subjectIn(broker, "i", run, "A", "*"))
    const early = await Promise.race([counted, cluster.leaderless(stream, behind!)])
    expect(early).toBeUndefined()
    await cluster.whole(stream)
    expect(await counted).toBe(20)
  }
)
