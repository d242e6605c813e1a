/** Small workflows of every form, with what they must come to whatever happens on the way. */
import { chain, chainOf } from "../../src/compose/chain.ts"
import { always, ifFailed } from "../../src/compose/cleanup.ts"
import { chord } from "../../src/compose/chord.ts"
import { group } from "../../src/compose/group.ts"
import { onFailure, onSuccess } from "../../src/compose/hook.ts"
import { ignoreInput } from "../../src/compose/ignore-input.ts"
import * as Schema from "effect/Schema"
import { map } from "../../src/compose/map.ts"
import { pass } from "../../src/compose/pass.ts"
import { recover, withInput } from "../../src/compose/recover.ts"
import { settle } from "../../src/compose/settle.ts"
import { open } from "../../src/define/open.ts"
import { Outcome } from "../../src/define/outcome.ts"
import type { AnyWorkflow } from "../../src/define/workflow.ts"
import { branchTasks } from "../fixtures/branches.ts"
import {
  add,
  addInSteps,
  alarmed,
  amends,
  both,
  canvasTasks,
  countdown,
  crash,
  echo,
  fail,
  failLater,
  flaky,
  identity,
  Numbers,
  positive,
  range,
  reasonOf,
  record,
  same,
  told,
  tsum
} from "../fixtures/tasks.ts"

import { branchPlays } from "./branch-plays.ts"
import { timePlays } from "./time-plays.ts"

const three = [identity(1), identity(2), identity(3)] as const

const CrashOf = Schema.Struct({ error: Outcome.crashed, input: Schema.Finite })

/** Where there is a `canvas.record` it is the body: executed as one step, with one input, or not at all. */
export const plays: { readonly [form: string]: AnyWorkflow } = {
  "a call": add(1, 2),
  "a call that fails": fail(1),
  "a chain": chain(add(1, 2), add(3), record()),
  "a chain that fails": chain(add(1, 2), fail(), record()),
  "a group": group(...three),
  "an empty chord": chain(group([]), record()),
  "a chord": chord(three, record()),
  "a chord of chains": chord([chain(add(1, 1), add(1)), chain(add(2, 2), add(2))], record()),
  "a nested chord": chord([chord(three, tsum()), group(identity(4), identity(5))], record()),
  "a chord whose body is a group": chain(group(...three), group(tsum(), echo()), record()),
  "a chord with a failing member": chord([identity(1), fail(2), identity(3)], record()),
  "a chain beside a failure": group(chain(identity(1), identity(), record()), fail(2)),
  "a chord that crashes": chain(chord([identity(1), crash(2)], tsum()), record()),
  "a nested chord that fails": chord(
    [chord([identity(1), fail(2)], tsum()), identity(3)],
    record()
  ),
  "a map": chain(range(3), map(chain(add(1), add(1))), record()),
  "a map with lanes": chain(range(5), map(add(1), { concurrency: 2 }), record()),
  "a map that fails": chain(range(3), map(chain(add(1), fail()), { concurrency: 1 }), record()),
  "a group that waits for all": chain(
    group([identity(1), fail(2), chain(identity(3), identity(), crash())], { wait: "all" }),
    record()
  ),
  "a group that waits for all, recovered": chain(
    recover(group({ a: chain(identity(1), identity()), b: fail(2) }, { wait: "all" }), {
      Expected: reasonOf()
    }),
    record()
  ),
  "a map that waits for all": chain(
    range(3),
    map(chain(add(1), fail()), { concurrency: 1, wait: "all" }),
    record()
  ),
  "a map in a map": chain(range(3), map(chain(range(), map(add(1)))), record()),
  "a map whose items end as they begin": chain(range(2), map(group([])), record()),
  "a step retried": chain(flaky(2, 1), add(1), record()),
  "members retried": chord([flaky(1, 1), identity(2), flaky(1, 3)], record()),
  "an error recovered": chain(recover(fail(1), { Expected: reasonOf() }), record()),
  "a group recovered": chain(
    recover(group(identity(1), chain(add(1, 1), fail())), {
      Expected: ignoreInput(group(identity(7), identity(8)))
    }),
    record()
  ),
  "outcomes settled": chainOf([group(settle(identity(1)), settle(fail(2))), record()]),
  "a group settled": chainOf([settle(group(identity(1), crash(2))), record()]),
  "a task replaced": addInSteps(1, 2),
  "a task replaced in a chain": chain(identity(1), both(), record()),
  "tasks replaced in a chord": chord([addInSteps(1, 1), countdown(2, 5), identity(3)], record()),
  "a replaced task that fails": chain(recover(failLater(1), { Expected: reasonOf() }), record()),
  "a call with callbacks": onFailure(onSuccess(add(1, 2), told()), alarmed()),
  "a call that fails, with callbacks": onFailure(onSuccess(fail(1), told()), alarmed()),
  "a chain with callbacks": onSuccess(
    chain(onSuccess(add(1, 2), told()), add(3), record()),
    chain(same(), told())
  ),
  "a chord with callbacks": onSuccess(
    chord([onSuccess(identity(1), told()), identity(2)], record()),
    onSuccess(told(), told("after the callback"))
  ),
  "a chord with callbacks that fails": onFailure(
    chord([identity(1), onFailure(fail(2), alarmed()), identity(3)], record()),
    alarmed()
  ),
  "a recovered group with callbacks": chain(
    recover(
      onFailure(
        group(onFailure(fail(1), alarmed()), chain(identity(2), onSuccess(identity(), told()))),
        alarmed()
      ),
      { Expected: onSuccess(reasonOf(), told()) }
    ),
    record()
  ),
  "items with callbacks": onSuccess(
    chain(range(3), map(onSuccess(add(1), told())), record()),
    told()
  ),
  "replaced tasks with callbacks": onSuccess(
    chain(onSuccess(addInSteps(1, 2), told()), onSuccess(both(), told()), record()),
    told()
  ),
  "a replaced task at the end, with callbacks": onSuccess(countdown(2, 5), told()),
  "an empty group with callbacks": chain(onSuccess(group([]), told()), record()),
  "a settled group with callbacks": chainOf([
    settle(onFailure(group(identity(1), crash(2)), alarmed())),
    record()
  ]),
  "something passed on": chain(identity(1), pass(Schema.Finite), add(2), record()),
  "passed on beside a failure": chain(
    identity(1),
    group(pass(Schema.Finite), fail()),
    group(pass(Numbers), record())
  ),
  "passed on in a chord": chain(identity(1), group(pass(Schema.Finite), add(1)), record()),
  "items passed on": chain(range(3), map(pass(Schema.Finite), { concurrency: 2 }), record()),
  "nothing but passed on, with callbacks": chain(
    onSuccess(chain(ignoreInput(identity(4)), pass(Schema.Finite)), told()),
    pass(Schema.Finite)
  ),
  "an error recovered with the input": chain(
    identity(1),
    recover(chain(add(1), fail()), { Expected: withInput(amends()) }),
    record()
  ),
  "members recovered with the input": chain(
    identity(1),
    group(
      recover(fail(), { Expected: withInput(amends()) }),
      recover(positive(), { Expected: withInput(amends()) })
    ),
    record()
  ),
  "a group recovered with the input of each item": chain(
    range(2),
    map(
      recover(chain(group(identity(), fail()), tsum()), {
        Expected: withInput(onSuccess(amends(), told()))
      })
    ),
    record()
  ),
  "a crash recovered": chainOf([
    identity(1),
    recover(group(identity(), crash()), { Crashed: withInput(pass(CrashOf)) }),
    record()
  ]),
  "a crash recovered, or an error": group(
    recover(chain(fail(1), crash()), {
      Expected: ignoreInput(identity(1)),
      Crashed: ignoreInput(identity(2))
    }),
    recover(crash(1), { Crashed: ignoreInput(identity(2)) })
  ),
  "a cleanup behind a success": chain(
    identity(1),
    always(add(1), withInput(record()) as never),
    add(3)
  ),
  "a cleanup behind a failure": chain(
    identity(1),
    recover(ifFailed(chain(add(1), fail()), withInput(record()) as never), {
      Expected: reasonOf()
    })
  ),
  "a cleanup that fails": always(
    chain(identity(1), group(identity(), fail())),
    chain(ignoreInput(fail(7)), record())
  ),
  "a cleanup that nobody executes": chain(
    always(identity(1), pass(Schema.Json) as never),
    ifFailed(group(add(1), add(2)), ignoreInput(identity(0))),
    record()
  ),
  "cleanups of members beside a failure": group(
    always(chain(identity(1), add(1)), ignoreInput(record("done"))),
    ifFailed(fail(2), alarmed())
  ),
  "cleanups of cleanups, with callbacks": onFailure(
    ifFailed(
      always(failLater(1), ifFailed(ignoreInput(fail(2)), ignoreInput(record("done")))),
      onSuccess(ignoreInput(group(identity(1), addInSteps(1, 1))), told())
    ),
    alarmed()
  ),
  "items with cleanups": chain(
    range(2),
    map(always(group(identity(), add(1)), ignoreInput(chain(range(2), map(identity()))))),
    record()
  ),
  "arguments that arrive last": chain(
    identity(4),
    flaky.partial(1, open),
    group(addInSteps.partial(1, open), countdown.partial(2, open)),
    record()
  ),
  ...timePlays,
  ...branchPlays
}

export const playTasks = [...canvasTasks, ...branchTasks]

/** What the interpreter, which knows no attempts, is told of the tasks that need several. */
export const playStandIns = { "canvas.flaky": (_times: number, x: number) => x }
