/** The client of DBOS: workflows are enqueued in PostgreSQL, and their results read there. */
import { DBOSClient } from "@dbos-inc/dbos-sdk"
import type { WorkflowHandle } from "@dbos-inc/dbos-sdk"
import { Pool } from "pg"
import type { PoolClient } from "pg"
import type { Place, Session } from "../../system.ts"
import { names, pause } from "./flows.ts"

/** Connections that a backlog is written through, with one transaction each. */
const writers = 4

export const connect = async (place: Place): Promise<Session> => {
  const { schema, tasks, flows } = names(place)
  const address = place.addresses.postgres
  if (address === undefined) throw new Error("PostgreSQL is not there")
  const pool = new Pool({ connectionString: address, max: 10 })
  const client = await DBOSClient.create({
    systemDatabaseUrl: address,
    systemDatabasePool: pool,
    systemDatabaseSchemaName: schema,
    applicationName: "bench"
  })

  const run = async <A>(queueName: string, name: string, ...values: unknown[]): Promise<A> => {
    const options = { queueName, workflowName: name }
    const handle = await client.enqueue<(...values: unknown[]) => Promise<A>>(options, ...values)
    return (await handle.getResult({ pollingIntervalMs: pause.result })) as A
  }

  const enqueueInc = (connection: PoolClient, value: number): Promise<WorkflowHandle<number>> =>
    client.enqueueInTransaction<(value: number) => Promise<number>>(
      connection,
      { queueName: tasks, workflowName: "inc" },
      value
    )

  /** One commit for many of them, which is faster than one for each. */
  const write = async (values: ReadonlyArray<number>): Promise<WorkflowHandle<number>[]> => {
    const connection = await pool.connect()
    try {
      await connection.query("BEGIN")
      const written: WorkflowHandle<number>[] = []
      for (const value of values) written.push(await enqueueInc(connection, value))
      await connection.query("COMMIT")
      return written
    } finally {
      connection.release()
    }
  }
  const writeAll = async (values: ReadonlyArray<number>): Promise<WorkflowHandle<number>[]> => {
    const each = Math.ceil(values.length / writers)
    const parts = Array.from({ length: writers }, (_, part) =>
      write(values.slice(part * each, (part + 1) * each))
    )
    return (await Promise.all(parts)).flat()
  }

  /** All outputs with one question for each thousand, instead of one for each. */
  const outputs = async (handles: WorkflowHandle<number>[]): Promise<number[]> => {
    await client.waitAll(handles, { pollingIntervalMs: pause.results })
    const found = new Map<string, unknown>()
    for (let from = 0; from < handles.length; from += 1000) {
      const workflowIDs = handles.slice(from, from + 1000).map((handle) => handle.workflowID)
      const statuses = await client.listWorkflows({
        workflowIDs,
        loadInput: false,
        loadOutput: true
      })
      for (const status of statuses) found.set(status.workflowID, status.output)
    }
    return handles.map((handle) => found.get(handle.workflowID) as number)
  }

  const finished = async (): Promise<number> => {
    const question = `SELECT count(*) FROM "${schema}".workflow_status WHERE name = 'inc' AND status = 'SUCCESS'`
    const { rows } = await pool.query<{ count: string }>(question)
    return Number(rows[0]?.count)
  }
  let before: number | undefined

  return {
    call: (value) => run(tasks, "inc", value),
    bulk: async (values) => outputs(await writeAll(values)),
    enqueue: async (values) => {
      before ??= await finished()
      await writeAll(values)
    },
    done: async () => (before === undefined ? 0 : (await finished()) - before),
    echo: (text) => run(tasks, "echo", text),
    chain: (length, value) => run(flows, "chain", length, value),
    group: (size) => run(flows, "group", size),
    chord: (size) => run(flows, "chord", size),
    close: async () => {
      await client.destroy()
      await pool.end()
    }
  }
}
