/** The workflows of DBOS: tasks that a queue starts, and the two that put tasks together. */
import { DBOS } from "@dbos-inc/dbos-sdk"
import type { Place } from "../../system.ts"

/** Names that worker and client agree upon. */
export const names = (place: Place) => ({
  schema: `dbos_${place.namespace}`,
  /** Tasks wait here. */
  tasks: `${place.namespace}_tasks`,
  /** Chains and chords wait here, so that they cannot hold the places of the tasks that they wait for. */
  flows: `${place.namespace}_flows`
})

/** Milliseconds between two looks: for work in a queue, for one result, and for the results of many. */
export const pause = { queue: 5, result: 3, results: 20 }

/** Registers all of them; before `DBOS.launch`. */
export const register = (place: Place): void => {
  const { tasks } = names(place)
  const add = async (value: number): Promise<number> => value + 1
  const inc = DBOS.registerWorkflow(add, { name: "inc" })
  DBOS.registerWorkflow(async (text: string) => text, { name: "echo" })

  DBOS.registerWorkflow(
    async (length: number, first: number): Promise<number> => {
      let value = first
      for (let step = 0; step < length; step++) {
        const before = value
        value = await DBOS.runStep(() => add(before), { name: "inc" })
      }
      return value
    },
    { name: "chain" }
  )

  const group = async (size: number): Promise<number[]> => {
    const starts = Array.from({ length: size }, (_, value) =>
      DBOS.startWorkflow(inc, { queueName: tasks })(value)
    )
    const handles = await Promise.all(starts)
    // One question for all of them until they are done; without it each handle would ask on its own.
    await DBOS.waitAll(handles, { pollingIntervalMs: pause.results })
    return Promise.all(handles.map((handle) => handle.getResult()))
  }
  DBOS.registerWorkflow(group, { name: "group" })
  DBOS.registerWorkflow(
    async (size: number): Promise<number> => {
      const values = await group(size)
      const sum = async (): Promise<number> => values.reduce((left, right) => left + right, 0)
      return DBOS.runStep(sum, { name: "sum" })
    },
    { name: "chord" }
  )
}
