/** Finds out when every member of a scope has ended, and tells one of those who find it. */
import { runIdOf } from "../../encode/subjects.ts"
import type { Context } from "../context.ts"
import { stepOf, type Position } from "./position.ts"
import { Members, type Member } from "./members.ts"
import { Once } from "../once-per-key.ts"
import type { Verdict } from "../verdict.ts"

/** Goes on with what every member has ended with; `false` when that is missing of one, so that the next to ask does it. */
type GoOn = (verdicts: ReadonlyArray<Verdict | undefined>) => Promise<boolean>

export class Gathering {
  readonly #engine: Pick<Context, "joiner" | "records">
  /** Scopes joined by this process: members that end together, or later, need not read all the others again. */
  readonly #joins = new Once()
  readonly #members = new Members()

  constructor(engine: Pick<Context, "joiner" | "records">) {
    this.#engine = engine
  }

  /** A member of the scope at a position has ended, the one with this place among so many. */
  ended(at: Position, member: Member, verdict: Verdict, goOn: GoOn): Promise<void> {
    const { joiner, records } = this.#engine
    const { address } = at.frame.run
    const scope = stepOf(at)
    const key = (): string => `${runIdOf(address)}.${scope}`
    const count = member.of
    const all = this.#members.seen(address, scope, member, verdict)
    if (all !== undefined) {
      joiner.complete(address, scope, count)
      return this.#joins.ensure(key(), () => goOn(all))
    }
    return joiner.count(address, scope).then((ended) => {
      if (ended < count) return undefined
      return this.#joins.ensure(key(), async () =>
        goOn(await records.members(address, scope, count))
      )
    })
  }
}
