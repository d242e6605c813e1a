/** Why a lost connection does not come about again: what the server says, what is wrong with a certificate, or who answers there. */
import type { BrokerError } from "../broker/errors.ts"
import { elapsed } from "../broker/time.ts"
import type { Address } from "./address.ts"
import { failure } from "./messages.ts"
import type { Login } from "./login.ts"
import { codeOf, isRefusal, whyKnown, whyNotConnected } from "./not-connected.ts"

/** So long a reason counts that no attempt has met again, in milliseconds: of a list, each server is tried in turn. */
const lasting = 30_000

/** Between two looks at what the client library tells only as a timeout, in milliseconds. */
const pause = 5_000

/** Nobody is there: there is nothing to look at. */
const away = /^(?:ECONNREFUSED|EHOSTUNREACH|ENETUNREACH)$/

export class Obstacle {
  readonly #addresses: ReadonlyArray<Address>
  readonly #login: Login
  readonly #met: (why: BrokerError) => void
  #why: BrokerError | undefined
  #at = -Infinity
  #lookedAt = -Infinity
  #look: AbortController | undefined

  /** `met` is called each time that a reason is found. */
  constructor(addresses: ReadonlyArray<Address>, login: Login, met: (why: BrokerError) => void) {
    this.#addresses = addresses
    this.#login = login
    this.#met = met
  }

  /** What stood in the way the last time, while that is news. */
  get why(): BrokerError | undefined {
    return elapsed() - this.#at < lasting ? this.#why : undefined
  }

  /** An attempt has failed, or the server has said something against us. */
  failed(error: unknown, server: string): void {
    if (isRefusal(error)) {
      const words = `the server does not let us in ("${error.message}"). Restore the user, password, token or credentials there, or start this process with valid ones.`
      return this.#note(failure("Refused", words))
    }
    const known = whyKnown(server, this.#login, error)
    if (known !== undefined) this.#note(known)
    else if (!away.test(codeOf(error))) void this.#lookAgain(error)
  }

  /** There is a connection, or none is wanted any more. */
  end(): void {
    this.#why = undefined
    this.#look?.abort()
    this.#look = undefined
  }

  async #lookAgain(error: unknown): Promise<void> {
    if (this.#look !== undefined || elapsed() - this.#lookedAt < pause) return
    this.#lookedAt = elapsed()
    const look = new AbortController()
    this.#look = look
    const why = await whyNotConnected(this.#addresses, this.#login, error, look.signal)
    if (this.#look !== look) return
    this.#look = undefined
    this.#note(why)
  }

  #note(why: BrokerError): void {
    this.#why = why
    this.#at = elapsed()
    this.#met(why)
  }
}
