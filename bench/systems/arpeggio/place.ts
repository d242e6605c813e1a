/** Where Arpeggio finds its broker, as worker and client have to agree. */
import type { ConnectOptions } from "arpeggio"
import type { Place } from "../../system.ts"

export const placeOf = ({
  addresses,
  namespace,
  profile
}: Place): Pick<ConnectOptions, "servers" | "namespace" | "replicas" | "print"> => ({
  servers: addresses.nats!,
  namespace,
  replicas: profile === "cluster" ? 3 : 1,
  print: () => {}
})
