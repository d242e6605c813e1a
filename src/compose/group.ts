/** Members side by side. */
import {
  type AnyWorkflow,
  type ErrorOf,
  type InputOf,
  isWorkflow,
  type OutputOf,
  type Workflow
} from "../define/workflow.ts"
import type {
  DifferentInputs,
  HasAllArguments,
  NameOf,
  Needs,
  NotAWorkflow,
  SharedInput,
  Suits
} from "./fit.ts"
import {
  isSleep,
  type Sleep,
  sleepNode,
  refuse,
  tasksOf,
  partAt,
  composed,
  planOf
} from "./members.ts"
import { waitOf } from "./wait-option.ts"

type List = ReadonlyArray<unknown>
type Named = { readonly [name: string]: unknown }

/** All members as one union. */
type Each<M> = M extends List ? M[number] : M[keyof M]

/** Every member as it is, or the sentence that says why it cannot stand next to the others. */
export type Members<M> = MembersAmong<M, Each<M>>

/** In a choice between lists no member is the first of all. */
type MembersAmong<M, All> = M extends List
  ? { readonly [K in keyof M]: Member<M[K], All, [All] extends [M[number]] ? M[0] : undefined> }
  : { readonly [K in keyof M]: Member<M[K], All, undefined> }

type Member<W, All, First> = [W] extends [Sleep]
  ? W
  : [W] extends [AnyWorkflow]
    ? [Suits<W>] extends ["none"]
      ? DifferentInputs<W>
      : [Needs<InputOf<W>>] extends ["nothing"]
        ? [void] extends [SharedInput<Needy<All>>]
          ? W
          : HasAllArguments<W, "the group's input">
        : [SharedInput<Needy<All>>] extends [never]
          ? Differs<W, First>
          : W
    : [W] extends [Optional]
      ? OptionsBehindMembers
      : NotAWorkflow<W>

type OptionsBehindMembers =
  'options stand behind a list or a record of members: group([…], { wait: "all" })'

const optionsBehindMembers: OptionsBehindMembers =
  'options stand behind a list or a record of members: group([…], { wait: "all" })'

/** The members that need an input. */
type Needy<Member> = Member extends AnyWorkflow
  ? [InputOf<Member>] extends [void]
    ? never
    : Member
  : never

/** Inputs exclude each other: in a row the error is on those that do not take what the first takes. */
type Differs<W, First> = [First] extends [AnyWorkflow]
  ? [InputOf<First>] extends [InputOf<W>]
    ? W
    : `${NameOf<W>} needs another input than ${NameOf<First>}: the members of a group share one`
  : `${NameOf<W>} needs another input than the other members: the members of a group share one`

/** What the members give together: a tuple, a list or a record, as they were given. */
export type Outputs<M> = M extends List
  ? number extends M["length"]
    ? ReadonlyArray<Output<M[number]>>
    : { -readonly [K in keyof M]: Output<M[K]> }
  : { -readonly [K in keyof M]: Output<M[K]> }

/** A sleep gives nothing. */
type Output<Member> = Member extends Sleep ? void : OutputOf<Member>

/** What the members need together. */
export type InputsOf<M> = SharedInput<Each<M>>

/** What any of the members can fail with. */
export type ErrorsOf<M> = ErrorOf<Each<M>>

/** What becomes of a group of which a member fails. */
export interface GroupOptions {
  /** The others are waited for, and not stopped; then the group fails as the first that failed, in the order they are written. */
  readonly wait: "all"
}

/** Options, by the one that there is, whatever it is set to. */
type Optional = { readonly wait: unknown }

/** Members one by one, in a record, or in a list whose length is known at run time; behind these two, options. */
export type Arguments<A extends List> = A extends readonly [infer Only, Optional]
  ? [Only] extends [AnyWorkflow | Sleep]
    ? Members<A>
    : [Only] extends [List | Named]
      ? readonly [Members<Only>, GroupOptions]
      : Members<A>
  : Alone<A>

type Alone<A extends List> = A extends readonly [infer Only]
  ? [Only] extends [AnyWorkflow | Sleep]
    ? Members<A>
    : [Only] extends [(...input: never) => unknown]
      ? Members<A>
      : [Only] extends [List | Named]
        ? readonly [Members<Only>]
        : Members<A>
  : Members<A>

/** The members themselves, however they were given. */
export type Given<A extends List> = A extends
  | readonly [infer Only]
  | readonly [infer Only, Optional]
  ? [Only] extends [AnyWorkflow | Sleep]
    ? A
    : Only
  : A

/**
 * Runs members side by side. What they return stands as they were written, whatever ends first: a tuple, a list or a
 * record. Members that leave an input open share the one that arrives. The first failure that is stored is the group's,
 * and the others are stopped; with `{ wait: "all" }` behind a list or a record they are waited for, and the group fails then.
 * Wrap members in `settle` to hear of each. A group without members gives `[]`, or `{}`.
 *
 * Throws a `CompositionError` where a member is not a workflow, and for an option that there is not.
 *
 * @example
 * const both = await app.run(group(add(4, 2), mul(4, 3))) // [6, 12]
 */
export function group<const A extends List>(
  ...members: Arguments<A>
): Workflow<InputsOf<Given<A>>, Outputs<Given<A>>, ErrorsOf<Given<A>>>
export function group(...given: any): unknown {
  return grouped(given)
}

const grouped = (given: List): AnyWorkflow => {
  const [only, options] = given
  if (given.length === 2 && isPlain(only) && isPlain(options) && !Array.isArray(options)) {
    return groupOf(only, "group's member", waitOf("group", options))
  }
  const last = given.at(-1)
  if (given.length > 1 && isPlain(last) && "wait" in last) return refuse(optionsBehindMembers)
  if (given.length !== 1 || isWorkflow(only) || isSleep(only))
    return groupOf(given, "group's member")
  if (Array.isArray(only)) return groupOf(only, "group's member")
  if (typeof only === "object" && only !== null) return groupOf(only, "group's member")
  return groupOf(given, "group's member")
}

/** What can be a list or a record of members, or options. */
const isPlain = (given: unknown): given is object =>
  typeof given === "object" && given !== null && !isWorkflow(given) && !isSleep(given)

/** Nothing arrives at a sleep among the members, and so it gives nothing. */
const memberAt = (member: unknown, place: string): AnyWorkflow =>
  isSleep(member)
    ? composed({ kind: "ignore", of: member[sleepNode] }, new Map<string, never>())
    : partAt(member, place)

/** The group of a list or a record; `place` is how its members are called in errors. */
export const groupOf = (members: object, place: string, wait?: GroupOptions): AnyWorkflow => {
  const keys = Array.isArray(members) ? undefined : Object.keys(members)
  if (keys?.includes("__proto__") === true) {
    return refuse(`${place} cannot be called __proto__`)
  }
  // A hole in a list counts: to pass over it would shift the results behind it.
  const workflows = Array.isArray(members)
    ? Array.from(members, (member, at) => memberAt(member, `${place} ${at + 1}`))
    : Object.entries(members).map(([key, member]) => memberAt(member, `${place} ${key}`))
  const plans = Object.freeze(workflows.map(planOf))
  return composed(
    {
      kind: "group",
      members: plans,
      ...(keys === undefined ? {} : { keys: Object.freeze(keys) }),
      ...wait
    },
    tasksOf(workflows)
  )
}
