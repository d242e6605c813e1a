/** Finds out when the server has had everything that this process has sent so far. */
import { elapsed } from "../broker/time.ts"
import type { Link } from "./connection.ts"

/**
 * What goes unanswered may wait in our own socket, or have its answer there already: saying it again would only make more of
 * it. A connection keeps the order, so whatever was sent before a PING has arrived when its PONG is here. A server that says
 * nothing at all is left after a while, and asked anew when it is back.
 */
export class Probe {
  readonly #link: Link
  #asking = false

  constructor(link: Link) {
    this.#link = link
  }

  /** Calls back with the moment up to which all has arrived; not at all when the connection is lost, or a probe is under way. */
  ask(arrived: (before: number) => void): void {
    if (this.#asking) return
    this.#asking = true
    const before = elapsed()
    this.#link.connection
      .flush()
      .then(
        () => arrived(before),
        () => undefined
      )
      .finally(() => {
        this.#asking = false
      })
  }
}
