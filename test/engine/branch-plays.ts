/** Forms whose values can be read in several ways, for the kill points: whoever is told of them is told which. */
import { chain } from "../../src/compose/chain.ts"
import { group } from "../../src/compose/group.ts"
import { ignoreInput } from "../../src/compose/ignore-input.ts"
import { map } from "../../src/compose/map.ts"
import { recover } from "../../src/compose/recover.ts"
import { settle } from "../../src/compose/settle.ts"
import type { AnyWorkflow } from "../../src/define/workflow.ts"
import {
  account,
  guest,
  hint,
  loadPage,
  loadUser,
  offer,
  price,
  robot,
  someone,
  total,
  user
} from "../fixtures/branches.ts"
import { add, range } from "../fixtures/tasks.ts"

const lost = recover(user(-1), { NoSuchUser: guest() })

export const branchPlays: { readonly [form: string]: AnyWorkflow } = {
  "what a fallback gave": recover(total(-1), { NoSuchUser: hint() }),
  "fallbacks in a group": group(lost, recover(account(1), { NoSuchUser: robot() })),
  "fallbacks in a map": chain(
    range(2),
    map(recover(chain(add(-1), total()), { NoSuchUser: hint() }))
  ),
  "a fallback that was replaced": recover(total(-1), { NoSuchUser: ignoreInput(someone(-2)) }),
  "fallbacks settled": settle(group(settle(lost), recover(lost, { Other: hint() } as never))),
  "an error behind a returned workflow": group(loadUser(1), price(7)),
  "errors of one tag, settled": group(
    settle(loadPage(5)),
    settle(offer(7)),
    settle(group(price(8)))
  )
}
