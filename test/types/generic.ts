/** Helpers over workflows of any type must compile, and give what their written types say. Checked by every compiler run. */
import {
  always,
  type AnyWorkflow,
  app,
  chain,
  chord,
  client,
  type ErrorOf,
  Expected,
  explain,
  group,
  ignoreInput,
  type InputOf,
  map,
  mul,
  onFailure,
  onSuccess,
  type Failure as FailureOf,
  ifFailed,
  type Outcome,
  type OutputOf,
  Other,
  recover,
  settle,
  type Workflow
} from "./dsl.ts"

type List<A> = ReadonlyArray<A>

export const each = <In, Out>(w: Workflow<In, Out>): Workflow<List<In>, List<Out>> => map(w)
export const eachFailing = <In, Out, Err>(
  w: Workflow<In, Out, Err>
): Workflow<List<In>, List<Out>, Err> => map(w, { concurrency: 3 })
export const eachAfter = <In, Mid, Out>(
  first: Workflow<In, Mid>,
  then: Workflow<Mid, Out>
): Workflow<List<In>, List<Out>> => map(chain(first, then))
export const eachTwice = <In, Out>(
  w: Workflow<In, Out>
): Workflow<List<List<In>>, List<List<Out>>> => map(map(w))
export const eachOfKind = <In extends { readonly id: string }, Out>(
  w: Workflow<In, Out>
): Workflow<List<In>, List<Out>> => map(w)

export const both = <In, A, B>(
  a: Workflow<In, A>,
  b: Workflow<In, B>
): Workflow<In, readonly [A, B]> => group(a, b)
export const named = <In, A, B, E>(
  a: Workflow<In, A, E>,
  b: Workflow<In, B, E>
): Workflow<In, { readonly a: A; readonly b: B }, E> => group({ a, b })
export const listed = <In, Out>(all: List<Workflow<In, Out>>): Workflow<In, List<Out>> => group(all)
export const full = <A, B>(
  a: Workflow<void, A>,
  b: Workflow<void, B>
): Workflow<void, readonly [A, B]> => group(a, b)
export const beside = <In, A>(a: Workflow<In, A>): Workflow<In, readonly [A, Outcome<A>]> =>
  group(a, settle(a))
export const twice = <In, Out>(w: Workflow<In, Out>, then: Workflow<List<Out>, Out>) =>
  chord([w, w], then)
export const chorded = <In, A, B, Out>(
  a: Workflow<In, A>,
  b: Workflow<In, B>,
  body: Workflow<readonly [A, B], Out>
): Workflow<In, Out> => chord([a, b], body)
export const grouped = <In, A, Out>(
  header: Workflow<In, A>,
  body: Workflow<A, Out>
): Workflow<In, Out> => chord(header, body)

export const orElse = <In, Out>(
  w: Workflow<In, Out, Expected>,
  fallback: Workflow<Expected, Out>
): Workflow<In, Out> => recover(w, { Expected: fallback })
export const orNothing = <In, Out>(
  w: Workflow<In, Out, Expected>,
  fallback: Workflow<void, Out>
): Workflow<In, Out> => recover(w, { Expected: fallback })
export const orText = <In, Out>(w: Workflow<In, Out, Expected>): Workflow<In, Out | string> =>
  recover(w, { Expected: explain() })
export const orOther = <In, Out, E>(
  w: Workflow<In, Out, Expected | Other>,
  fallback: Workflow<Expected, Out, E>
): Workflow<In, Out, Other | E> => recover(w, { Expected: fallback })
export const orRest = <In, Out, Err>(
  w: Workflow<In, Out, Expected | Err>,
  fallback: Workflow<void, Out>
): Workflow<In, Out, Exclude<Err, { readonly _tag: "Expected" }>> =>
  recover(w, { Expected: fallback })

export const tidied = <In, Out, E>(
  w: Workflow<In, Out, E>,
  cleanup: Workflow<void, unknown, Other>
): Workflow<In, Out, E | Other> => always(w, cleanup)
export const told = <In, Out, E>(
  w: Workflow<In, Out, E>,
  cleanup: Workflow<Outcome<Out, E>, unknown>
): Workflow<In, Out, E> => always(w, cleanup)
export const undone = <In, Out, E>(
  w: Workflow<In, Out, E>,
  cleanup: Workflow<FailureOf<E>, unknown>
): Workflow<In, Out, E> => ifFailed(w, cleanup)

export const settled = <In, Out, Err>(w: Workflow<In, Out, Err>): Workflow<In, Outcome<Out, Err>> =>
  settle(w)
export const then = <A, B, C, E, F>(
  a: Workflow<A, B, E>,
  b: Workflow<B, C, F>
): Workflow<A, C, E | F> => chain(a, b)
export const alone = <In, Out>(w: Workflow<In, Out>): Workflow<In, Out> => chain(w)
export const afterwards = <In, Out>(
  w: Workflow<In, Out>,
  callback: Workflow<Out, unknown>
): Workflow<In, Out> => onSuccess(onFailure(w, ignoreInput(mul(1, 2))), callback)
export const dropping = <Out>(w: Workflow<void, Out>): Workflow<unknown, Out> => ignoreInput(w)

export const run = <In, Out>(w: Workflow<In, Out>, input: In): Promise<Out> => app.run(w, input)
export const runFull = <Out>(w: Workflow<void, Out>): Promise<Out> => app.run(w)
export const start = async <In, Out, Err>(w: Workflow<In, Out, Err>, input: In): Promise<Out> =>
  (await app.start(w, input)).result()
export const effect = <In, Out>(w: Workflow<In, Out>, input: In) => client.run(w, input)
export const runAny = <W extends AnyWorkflow>(w: W, input: InputOf<W>): Promise<OutputOf<W>> =>
  app.run(w, input)
export const startAny = <W extends AnyWorkflow>(w: W, input: InputOf<W>) => app.start(w, input)
export const runFor = <Out>(w: Workflow<void, Out>): Promise<Out> =>
  app.run(w, { within: "1 second" })
export const startEach = <Out>(all: List<Workflow<void, Out>>) => app.startAll(all)
export const attach = <W extends AnyWorkflow>(id: string, w: W) => app.attach(id, w)
export const attachTo = <In, Out>(id: string, w: Workflow<In, Out>): Promise<Out> =>
  app.attach(id, w).result()
export type Failure<W extends AnyWorkflow> = ErrorOf<W>
