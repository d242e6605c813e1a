/** The services of Restate: the tasks, and the handlers that put them together. */
import { RestatePromise, service } from "@restatedev/restate-sdk"
import type { Context } from "@restatedev/restate-sdk"

/** Nothing of an invocation is kept when it is done: kept for a day, as by default, it halves the throughput. */
const options = { journalRetention: 0 }

export const tasks = service({
  name: "tasks",
  options,
  handlers: {
    inc: async (_: Context, value: number): Promise<number> => value + 1,
    echo: async (_: Context, text: string): Promise<string> => text,
    sum: async (_: Context, values: number[]): Promise<number> =>
      values.reduce((left, right) => left + right, 0)
  }
})

const increments = (context: Context, size: number): Promise<number[]> => {
  const client = context.serviceClient(tasks)
  return RestatePromise.all(Array.from({ length: size }, (_, value) => client.inc(value)))
}

export const flows = service({
  name: "flows",
  options,
  handlers: {
    chain: async (
      context: Context,
      { length, first }: { length: number; first: number }
    ): Promise<number> => {
      const client = context.serviceClient(tasks)
      let value = first
      for (let step = 0; step < length; step++) value = await client.inc(value)
      return value
    },
    group: increments,
    chord: async (context: Context, size: number): Promise<number> =>
      context.serviceClient(tasks).sum(await increments(context, size))
  }
})
