/** Servers whose account wants a size for each of its streams, as hosted ones do. */
import { connect } from "@nats-io/transport-node"
import type { NatsServer } from "../nats-server.ts"
import { serverForTest } from "./fixture.ts"

/** `more` is for example `max_store: 20000000`. */
export const sizing = (more: string): string =>
  `accounts { A: { jetstream: { max_bytes_required: true, ${more} }, users: [{ user: a, password: a }] } }\nno_auth_user: a`

export const sizedServerForTest = (more: string): Promise<NatsServer> =>
  serverForTest({ configuration: sizing(more) })

/** Asks the server's JetStream as an operator would. */
export const operate = async <Answer = object>(
  server: NatsServer,
  verb: string,
  body: object = {}
): Promise<Answer> => {
  const connection = await connect({ servers: server.url })
  try {
    const answer = await connection.request(`$JS.API.${verb}`, JSON.stringify(body))
    return answer.json<Answer>()
  } finally {
    await connection.close()
  }
}

/** As `nats stream edit` does. */
export const edit = async (server: NatsServer, stream: string, change: object): Promise<void> => {
  const { config } = await operate<{ config: object }>(server, `STREAM.INFO.${stream}`)
  const { error } = await operate<{ error?: object }>(server, `STREAM.UPDATE.${stream}`, {
    ...config,
    ...change
  })
  if (error !== undefined) throw new Error(JSON.stringify(error))
}
