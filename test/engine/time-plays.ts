/** Small workflows in which something waits for its time, or has missed it. */
import { chain } from "../../src/compose/chain.ts"
import { always } from "../../src/compose/cleanup.ts"
import { chord } from "../../src/compose/chord.ts"
import { group } from "../../src/compose/group.ts"
import { onFailure, onSuccess } from "../../src/compose/hook.ts"
import { ignoreInput } from "../../src/compose/ignore-input.ts"
import { map } from "../../src/compose/map.ts"
import { recover } from "../../src/compose/recover.ts"
import { settle } from "../../src/compose/settle.ts"
import { sleep } from "../../src/compose/sleep.ts"
import type { AnyWorkflow } from "../../src/define/workflow.ts"
import {
  add,
  addInSteps,
  alarmed,
  fail,
  flaky,
  identity,
  range,
  reasonOf,
  record,
  told
} from "../fixtures/tasks.ts"

const later = { delay: "20 seconds" } as const
const late = { expires: new Date(0) } as const
const inTime = { delay: "40 seconds", expires: "365 days" } as const

export const timePlays: { readonly [form: string]: AnyWorkflow } = {
  "a call that begins later": add(1, 2).with(later),
  "a chain that waits": chain(
    add(1, 2).with(inTime),
    sleep("40 seconds"),
    add(3).with(later),
    record()
  ),
  "a chord behind a sleep": chain(
    sleep("20 seconds"),
    group(identity(1), identity(2)),
    sleep("1 second"),
    record()
  ),
  "members that wait": chord(
    [chain(identity(1), sleep("20 seconds")), identity(2).with(inTime)],
    record()
  ),
  "a member that waits beside a failure": group(
    chain(identity(1), sleep("45 seconds"), record()),
    fail(2).with(later),
    identity(3).with({ delay: "1 minute" })
  ),
  "items that wait": chain(
    range(3),
    map(chain(sleep("10 seconds"), add(1).with(later)), { concurrency: 2 }),
    record()
  ),
  "a retried step that begins later": chain(flaky(2, 1).with(inTime), sleep("5 seconds"), record()),
  "a replaced task that begins later": chain(addInSteps(1, 2).with(later), record()),
  "callbacks that begin later": onSuccess(
    chain(add(1, 2), sleep("10 seconds")),
    told().with(later)
  ),
  "a call that comes too late": onFailure(identity(1).with(late), alarmed()),
  "a chain that comes too late": onFailure(
    chain(add(1, 2), recover(add(3).with(late), { Crashed: ignoreInput(add(1, 2)) }), record()),
    alarmed()
  ),
  "a member that comes too late": chain(
    settle(group(identity(1), chain(sleep("5 seconds"), identity(2).with(late)))) as never,
    record() as never
  ),
  "a cleanup behind what came too late": always(
    chain(identity(1), add(1).with(late)),
    ignoreInput(record("done").with(later))
  ),
  "a fallback that begins later": chain(
    recover(fail(1).with(later), { Expected: reasonOf().with(later) }),
    record()
  )
}
