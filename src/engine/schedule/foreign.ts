/** Schedules that are declared elsewhere: two groups with one name would take it from each other at every deploy. */
import { received } from "../../define/describe-value.ts"
import { ContractError } from "../../define/errors.ts"

interface Grouped {
  readonly name: string
  readonly group?: string | undefined
}

/** Throws where a name belongs to a schedule of another group, or of none. */
export const refuseForeign = (before: Grouped | undefined, { name, group }: Grouped): void => {
  if (before === undefined || before.group === group) return
  const here =
    group === undefined
      ? "cannot be declared by itself"
      : `cannot be one of the group ${received(group)}`
  const there =
    before.group === undefined
      ? "one that is declared by itself"
      : `one of the group ${received(before.group)}`
  const leave = before.group === undefined ? "" : `take it out of the list of that group or `
  const message = `schedule ${received(name)} ${here}: there is ${there}, and a name has one schedule. Rename this one; or, where it is meant to move, ${leave}delete that one first: (await app.schedules.get(${received(name)}))?.delete()`
  throw new ContractError({ task: "", message })
}
