/** Every kind of node. A kind that is missing here is a compile error. */
import type { AnyNode, CallNode } from "../define/plan.ts"
import { call } from "./call.ts"
import { chain, type ChainNode } from "./chain.ts"
import { cleanup, type CleanupNode } from "./cleanup.ts"
import { group, type GroupNode } from "./group.ts"
import { hook, type HookNode } from "./hook.ts"
import { ignore, type IgnoreNode } from "./ignore.ts"
import { map, type MapNode } from "./map.ts"
import { pass, type PassNode } from "./pass.ts"
import { recover, type RecoverNode } from "./recover.ts"
import type { Rule } from "./rule.ts"
import { settle, type SettleNode } from "./settle.ts"
import { sleep, type SleepNode } from "./sleep.ts"

/** A workflow as it travels: what it is made of, as plain JSON. */
export type PlanNode =
  | CallNode
  | ChainNode
  | GroupNode
  | MapNode
  | IgnoreNode
  | SettleNode
  | PassNode
  | RecoverNode
  | CleanupNode
  | HookNode
  | SleepNode

export type Kind = PlanNode["kind"]

type NodeOf<K extends Kind> = Extract<PlanNode, { readonly kind: K }>

const rules: { readonly [K in Kind]: Rule<NodeOf<K>> } = {
  call,
  chain,
  group,
  map,
  ignore,
  settle,
  pass,
  recover,
  cleanup,
  hook,
  sleep
}

/** The rule of a kind, if it is one and this release knows it. */
export const knownRule = (kind: unknown): Rule<AnyNode> | undefined =>
  typeof kind === "string" && Object.hasOwn(rules, kind)
    ? (rules[kind as Kind] as unknown as Rule<AnyNode>)
    : undefined

/** The rule of a node whose plan has been read: that there is one has been found out then. */
export const ruleOf = (node: AnyNode): Rule<AnyNode> =>
  rules[node.kind as Kind] as unknown as Rule<AnyNode>

export const receiverOf = (node: AnyNode): AnyNode => {
  const { children, receives } = ruleOf(node)
  return children(node)[receives?.(node) ?? 0]!.node
}
