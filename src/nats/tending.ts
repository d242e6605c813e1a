/** What a worker does for the room of its namespace: lays the ballast, puts it back, and sets timers again that could not fire. */
import { BrokerError } from "../broker/errors.ts"
import type { Ballast } from "./ballast.ts"
import type { Link } from "./connection.ts"
import type { RoomWatch } from "./room.ts"

export interface TendingOptions {
  readonly link: Pick<Link, "connected">
  readonly ballast: Ballast
  readonly room: RoomWatch
  /** Sets timers again that are late; says how many have not fired yet. */
  readonly overdue: () => Promise<number>
}

/** So little is left that a timer may have found no room, in bytes. */
const hardly = 8 * 1024

export class Tending {
  readonly #options: TendingOptions
  /** Refusals of this process, and looks that found hardly anything left; and how many there were when late timers were last set again. */
  #hardly = 0
  #mended = 0
  /** Whether they were, since room that was kept back was last seen to be missing. */
  #sinceGiven = false

  constructor(options: TendingOptions) {
    this.#options = options
  }

  /** Does once what there is to do; whether all is as it should be then. */
  async tend(): Promise<boolean> {
    const { link, ballast, room, overdue } = this.#options
    if (!link.connected()) return true
    await room.look()
    const full = room.room !== undefined && room.room.left < hardly
    if (full) this.#hardly += 1
    if (ballast.isWhole) this.#sinceGiven = false
    const given = ballast.isGiven && !this.#sinceGiven
    const seen = this.#hardly + ballast.refusals
    if (ballast.isWhole && seen === this.#mended) return true
    try {
      // Before anything is put back: what a timer puts on its target takes the timer's own place.
      if (given || seen !== this.#mended) {
        if ((await overdue()) === 0) {
          this.#sinceGiven = true
          this.#mended = seen
        }
      }
      if (full) return false
      const laid = await ballast.lay(false)
      const mended = this.#mended === this.#hardly + ballast.refusals
      return laid && mended && (await ballast.lay(true))
    } catch (cause) {
      if (cause instanceof BrokerError && cause.reason === "Full") return false
      throw cause
    }
  }
}
