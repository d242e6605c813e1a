/** Where Arpeggio finds its broker, as worker and client have to agree. */
import type { ConnectOptions } from "arpeggio"
import { connect } from "@nats-io/transport-node"
import type { Place } from "../../system.ts"

export const placeOf = ({
  addresses,
  namespace,
  profile
}: Place): Pick<ConnectOptions, "servers" | "namespace" | "replicas" | "print"> => ({
  servers: addresses.nats!,
  namespace,
  replicas: profile === "ha" ? 3 : 1,
  print: () => {}
})

/** Deletes the stream, which would go on forgetting outcomes while others are measured. */
export const remove = async ({ addresses, namespace }: Place): Promise<void> => {
  const connection = await connect({ servers: addresses.nats!.split(",") })
  await connection.request(`$JS.API.STREAM.DELETE.arpeggio-${namespace}`)
  await connection.close()
}
