/** What is done when the server says that it is about to be stopped (lame duck mode). */
import type { NatsConnection } from "@nats-io/transport-node"

/** Whether there is another server of the same cluster, as far as anybody has told. */
const hasOthers = (connection: NatsConnection, several: boolean): boolean =>
  several || (connection.info?.connect_urls ?? []).length > 0

/**
 * Its JetStream is off from that moment on; its connections it closes one by one, over two minutes unless it was told otherwise. In a
 * cluster they go on to carry what is for the others, and are closed that slowly so that not all come to those at once: nothing is
 * to be done. A server that is alone would answer nothing until then, and whoever takes its place would not be found.
 */
export const leaveLameDuck = (
  connection: NatsConnection,
  several: boolean,
  tell: (words: string) => void
): void => {
  if (hasOthers(connection, several)) return
  tell(
    "is being stopped (lame duck mode), and no other server of its cluster is known: its JetStream is off already, so nothing is sent or worked on until it is back; trying to connect until then"
  )
  void connection.reconnect().catch(() => undefined)
}
