/** What arrives, as it is. */
import type { SchemaCodec } from "../define/codec.ts"
import type { AnyNode } from "../define/plan.ts"
import type { Rule } from "./rule.ts"

/** Gives what arrives, which nobody executes. */
export interface PassNode {
  readonly kind: "pass"
  /** Of the schema that says what arrives. */
  readonly fingerprint: string
  /** The schema's codec, in a process that has the schema: never part of what is stored. */
  readonly [passes]?: SchemaCodec
}

/** Where a node that passes a value on has its codec. One for all copies of the library. */
export const passes: unique symbol = Symbol.for("arpeggio/passes")

export const isPass = (node: AnyNode): node is PassNode => node.kind === "pass"

const begins = { do: "end" } as const

export const pass: Rule<PassNode> = {
  fields: { kind: true, fingerprint: true },
  parts: {},
  decides: false,
  read(node, { passed }) {
    const fingerprint = String(node["fingerprint"])
    return Object.freeze({ kind: "pass", fingerprint, [passes]: passed(fingerprint) })
  },
  children: () => [],
  begin: () => begins,
  ended: () => ({ do: "pass" }),
  takes: (node) => ({ task: "pass", codec: node[passes] }),
  reader: (node) => node[passes]!.decode,
  same: ({ kind }) => ({ kind }),
  reach: ({ take }) => ({ done: take(), dead: false })
}
