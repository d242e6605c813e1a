/** Servers of a cluster go away and come back: what is waited for, what is said, and that nothing is miscounted. */
import { randomBytes } from "node:crypto"
import { expect, onTestFinished, test } from "vitest"
import { clientOver, workerOver } from "arpeggio/testing"
import { consumerOf } from "../../src/encode/subjects.ts"
import { connectNats } from "../../src/nats/broker.ts"
import { newLane, newRun, publishCalls, subjectIn, take } from "../conformance/broker/place.ts"
import { add, canvasTasks } from "../fixtures/tasks.ts"
import { brokerForTest, clusterForTest, namespace, stream } from "./fixture.ts"

const patient = { timeout: 120_000 }

test("many processes create the stream at once", async () => {
  const cluster = await clusterForTest()
  const brokers = await Promise.all(Array.from({ length: 8 }, () => brokerForTest(cluster)))
  expect(brokers.map(({ facts }) => facts.replicas)).toEqual(Array.from({ length: 8 }, () => 3))
})

test(
  "a stream is not created before the third server is there, which is said; the wait for it ends when it comes",
  patient,
  async () => {
    const cluster = await clusterForTest(2)
    const options = { servers: cluster.url, namespace, replicas: 3 } as const
    const refused = await connectNats(options, { leaderless: 500 }).then(
      () => undefined,
      (error: unknown) => error
    )
    expect(refused).toMatchObject({
      reason: "Unreachable",
      message: expect.stringContaining("Start the missing ones")
    })
    const later = brokerForTest(cluster)
    await cluster.whole()
    expect((await later).facts.replicas).toBe(3)
  }
)

test(
  "a stream is created while a server is away, and is whole when that is back",
  patient,
  async () => {
    const cluster = await clusterForTest()
    await cluster.members[0]!.kill()
    expect((await brokerForTest(cluster)).facts.replicas).toBe(3)
    await cluster.whole(stream)
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
    expect(performance.now() - began).toBeLessThan(15_000)
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
    const members = subjectIn(broker, "i", run, "A", "*")
    // More than the kernel keeps for a server that does not read, and nothing that could be compressed.
    const large = randomBytes(500_000)
    behind!.pause()
    for (let at = 0; at < 60; at++) {
      await broker.publish({ subject: subjectIn(broker, "i", run, "A", String(at)), body: large })
    }
    const moved = new Promise<void>((resolve) => void broker.onReconnect(resolve))
    await Promise.all([leader.kill(), other!.kill()])
    behind!.resume()
    await moved
    // It describes the stream as far as it has it, once it has missed a leader.
    await cluster.leaderless(stream, behind!)
    const counted = broker.count(members)
    await cluster.leaderless(stream, behind!)
    await cluster.whole(stream)
    expect(await counted).toBe(60)
  }
)
