/** pg-boss's client: jobs one by one or inserted many at a time; the worker tells it what is done. */
import type { Place, Session } from "../../system.ts"
import { listen } from "../answers.ts"
import { instance, schema } from "./settings.ts"

/** Rows of one INSERT. */
const rows = 1000

export async function connect(place: Place): Promise<Session> {
  const boss = instance(place, "client")
  await boss.start()
  const answers = await listen()
  let enqueued = 0

  async function insert(data: ReadonlyArray<object>): Promise<void> {
    for (let at = 0; at < data.length; at += rows) {
      await boss.insert(
        "inc",
        data.slice(at, at + rows).map((data) => ({ data }))
      )
    }
  }

  async function one(queue: string, value: unknown): Promise<unknown> {
    const { reply, answer } = answers.ask()
    await boss.send(queue, { value, reply })
    return answer
  }

  return {
    call: async (value) => (await one("inc", value)) as number,
    async bulk(values) {
      const asked = values.map((value) => ({ value, ...answers.ask() }))
      await insert(asked.map(({ value, reply }) => ({ value, reply })))
      return (await Promise.all(asked.map(({ answer }) => answer))) as number[]
    },
    async enqueue(values) {
      await insert(values.map((value) => ({ value })))
      enqueued += values.length
    },
    async done() {
      const table = `"${schema(place)}".job`
      const sql = `select count(*)::int as left from ${table} where name = 'inc' and state < 'completed'`
      const { rows } = await boss.getDb().executeSql(sql)
      return enqueued - (rows[0] as { left: number }).left
    },
    echo: async (text) => (await one("echo", text)) as string,
    async close() {
      answers.close()
      await boss.stop({ graceful: false })
    }
  }
}
