/** The client of Restate: calls through the server's ingress. */
import { connect as ingress } from "@restatedev/restate-sdk-clients"
import type { Place, Session } from "../../system.ts"
import { addresses } from "./addresses.ts"
import { flows as flowsOf, tasks as tasksOf } from "./flows.ts"

/** Requests at a time: each has a connection of its own. */
const window = 128

/** Does it for all the values, so many at a time. */
const each = async <A>(
  values: ReadonlyArray<number>,
  work: (value: number) => Promise<A>
): Promise<A[]> => {
  const results: A[] = []
  const queue = values.entries()
  const lane = async (): Promise<void> => {
    for (const [index, value] of queue) results[index] = await work(value)
  }
  await Promise.all(Array.from({ length: window }, lane))
  return results
}

export const connect = async (place: Place): Promise<Session> => {
  const { url, admin } = addresses(place)
  const client = ingress({ url })
  const tasks = client.serviceClient(tasksOf)
  const flows = client.serviceClient(flowsOf)
  const send = client.serviceSendClient(tasksOf)

  /** How many invocations of tasks are not done; the server forgets the others at once. */
  const pending = async (): Promise<number> => {
    const query =
      "SELECT count(*) AS pending FROM sys_invocation_status WHERE target_service_name = 'tasks' AND status <> 'completed'"
    const response = await fetch(`${admin}/query`, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ query })
    })
    const text = await response.text()
    if (!response.ok) throw new Error(text)
    return (JSON.parse(text) as { rows: [{ pending: number }] }).rows[0].pending
  }
  let enqueued = 0

  return {
    call: async (value) => tasks.inc(value),
    bulk: (values) => each(values, async (value) => tasks.inc(value)),
    enqueue: async (values) => {
      await each(values, (value) => send.inc(value))
      enqueued += values.length
    },
    done: async () => (enqueued === 0 ? 0 : enqueued - (await pending())),
    echo: async (text) => tasks.echo(text),
    chain: async (length, value) => flows.chain({ length, first: value }),
    group: async (size) => flows.group(size),
    chord: async (size) => flows.chord(size),
    close: async () => {}
  }
}
