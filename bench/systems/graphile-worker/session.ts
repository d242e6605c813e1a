/** graphile-worker's client: jobs one by one or by `addJobs`; the worker tells it what is done. */
import { makeWorkerUtils } from "graphile-worker"
import type { Place, Session } from "../../system.ts"
import { listen } from "../answers.ts"
import { preset, schema } from "./settings.ts"

/** Jobs of one `addJobs`. */
const rows = 1000

export async function connect(place: Place): Promise<Session> {
  const utils = await makeWorkerUtils({ preset: preset(place) })
  const answers = await listen()
  let enqueued = 0

  async function add(payloads: ReadonlyArray<object>): Promise<void> {
    for (let at = 0; at < payloads.length; at += rows) {
      const some = payloads.slice(at, at + rows)
      await utils.addJobs(some.map((payload) => ({ identifier: "inc", payload })))
    }
  }

  async function one(task: string, value: unknown): Promise<unknown> {
    const { reply, answer } = answers.ask()
    await utils.addJob(task, { value, reply })
    return answer
  }

  return {
    call: async (value) => (await one("inc", value)) as number,
    async bulk(values) {
      const asked = values.map((value) => ({ value, ...answers.ask() }))
      await add(asked.map(({ value, reply }) => ({ value, reply })))
      return (await Promise.all(asked.map(({ answer }) => answer))) as number[]
    },
    async enqueue(values) {
      await add(values.map((value) => ({ value })))
      enqueued += values.length
    },
    async done() {
      // A job that is done is a row less.
      const sql = `select count(*)::int as left from "${schema(place)}"._private_jobs`
      const { rows } = await utils.withPgClient((client) => client.query<{ left: number }>(sql))
      return enqueued - (rows[0]?.left ?? 0)
    },
    echo: async (text) => (await one("echo", text)) as string,
    async close() {
      answers.close()
      await utils.release()
    }
  }
}
