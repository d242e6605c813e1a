/** BullMQ's client: jobs through a Queue, flows through a FlowProducer, results by `waitUntilFinished`. */
import type { FlowJob, Job } from "bullmq"
import { FlowProducer, Queue, QueueEvents } from "bullmq"
import type { Place, Session } from "../../system.ts"
import type { Data } from "./settings.ts"
import { connection, events, queueName } from "./settings.ts"

/** Jobs of one `addBulk`: the worker begins while the next are added. */
const chunk = 1000

export async function connect(place: Place): Promise<Session> {
  const options = { connection: connection(place), prefix: place.namespace }
  const queue = new Queue<Data>(queueName, { ...options, streams: { events } })
  const finished = new QueueEvents(queueName, options)
  const flows = new FlowProducer(options)
  // Each job that is waited for is a listener of its own, and that is no leak.
  finished.setMaxListeners(0)
  queue.setMaxListeners(0)
  flows.setMaxListeners(0)
  await Promise.all([queue.waitUntilReady(), finished.waitUntilReady(), flows.waitUntilReady()])
  let enqueued = 0

  const result = <Value>(job: Job): Promise<Value> =>
    job.waitUntilFinished(finished) as Promise<Value>
  async function* add(values: ReadonlyArray<number>) {
    for (let at = 0; at < values.length; at += chunk) {
      const some = values.slice(at, at + chunk)
      yield await queue.addBulk(some.map((value) => ({ name: "inc", data: { value } })))
    }
  }
  async function bulk(values: ReadonlyArray<number>) {
    const results: Promise<number>[] = []
    for await (const jobs of add(values)) results.push(...jobs.map((job) => result<number>(job)))
    return Promise.all(results)
  }
  const child = (data: Data, children?: FlowJob[]): FlowJob => ({
    name: "inc",
    queueName,
    data,
    opts: { failParentOnFailure: true },
    ...(children && { children })
  })
  const numbers = (size: number) => Array.from({ length: size }, (_, index) => index)

  return {
    async call(value) {
      return result<number>(await queue.add("inc", { value }))
    },
    bulk,
    async enqueue(values) {
      for await (const jobs of add(values)) enqueued += jobs.length
    },
    async done() {
      return enqueued - (await queue.getJobCountByTypes("wait", "active", "delayed", "prioritized"))
    },
    async echo(text) {
      return result<string>(await queue.add("echo", { text }))
    },
    async chain(length, value) {
      // The job that is done first is the one that is nested deepest.
      let flow = child({ value })
      for (let step = 1; step < length; step++) flow = child({}, [flow])
      return result<number>((await flows.add(flow)).job)
    },
    group: (size) => bulk(numbers(size)),
    async chord(size) {
      const children = numbers(size).map((value) => child({ value }))
      return result<number>((await flows.add({ name: "sum", queueName, data: {}, children })).job)
    },
    async close() {
      await Promise.all([flows.close(), finished.close(), queue.close()])
    }
  }
}
