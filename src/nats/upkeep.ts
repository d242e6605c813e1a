/** What a worker does for the room of its namespace: lays the ballast, puts it back, and sets timers again that could not fire. */
import { BrokerError } from "../broker/errors.ts"
import { after } from "../broker/time.ts"
import type { Ballast } from "./ballast.ts"
import type { Link } from "./connection.ts"
import type { RoomWatch } from "./room.ts"

export interface UpkeepOptions {
  readonly link: Pick<Link, "connected">
  readonly ballast: Ballast
  readonly room: RoomWatch
  /** Between two looks where something is amiss, in milliseconds. */
  readonly every: number
  /** Sets timers again that are late; says how many have not fired yet. */
  readonly overdue: () => Promise<number>
}

/** How much rarer to look while all is well. */
const idle = 20

/** So little is left that a timer may have found no room, in bytes. */
const hardly = 8 * 1024

export class Upkeep {
  readonly #options: UpkeepOptions
  #cancel = (): void => {}
  #stopped = false
  #soon = false
  #looking = false
  /** Another look is wanted soon after this one. */
  #again = false
  /** Refusals of this process, and looks that found hardly anything left; and how many there were when late timers were last set again. */
  #hardly = 0
  #mended = 0
  /** Whether they were, since room that was kept back was last seen to be missing. */
  #sinceGiven = false

  constructor(options: UpkeepOptions) {
    this.#options = options
    this.#later(1)
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  /** Sooner than the next look: something was refused for want of room. */
  hurry(): void {
    if (this.#soon) return
    if (this.#looking) {
      this.#again = true
      return
    }
    this.#cancel()
    this.#later(1)
  }

  /** Workers that were started together do not look together. */
  #later(times: number): void {
    if (this.#stopped) return
    this.#soon = times === 1
    this.#cancel = after(this.#options.every * times * (0.7 + Math.random() * 0.6), () => {
      this.#soon = false
      this.#looking = true
      this.#look().then(
        (well) => this.#looked(well),
        () => this.#looked(true)
      )
    })
  }

  #looked(well: boolean): void {
    this.#looking = false
    const soon = this.#again || !well
    this.#again = false
    this.#later(soon ? 1 : idle)
  }

  /** Whether all is as it should be. */
  async #look(): Promise<boolean> {
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
