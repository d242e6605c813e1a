/** The items of maps: the list that each runs its body over, and where one of them begins. */
import { bounds } from "../../define/json.ts"
import { jsonText, rereadJson } from "../../define/json-text.ts"
import { runIdOf } from "../../encode/subjects.ts"
import { Remembered } from "../bounded-cache.ts"
import type { Records } from "../records.ts"
import type { Value } from "../value.ts"
import type { Frame, Position } from "./position.ts"

/** How many lists of maps with a bounded concurrency are kept at hand, and how many characters together. */
const mostLists = 200
const listRoom = 16_000_000

export class NotAList extends Error {
  constructor(text: string) {
    super(
      `a map runs its body over a list of at most ${bounds.nodes} items, but what arrived is ${text.slice(0, 80)}: the step before returned something else than its type says, or client and worker have different versions of its contract`
    )
  }
}

/** The list that arrived at a map, read from its text. */
export const listIn = (text: string): ReadonlyArray<unknown> => {
  const items = rereadJson(text)
  if (!Array.isArray(items) || items.length > bounds.nodes) throw new NotAList(text)
  return items
}

/** Where one item of a map begins, and with what. */
export const itemAt = (
  frame: Frame,
  index: number,
  items: ReadonlyArray<unknown>
): { readonly at: Position; readonly input: Value } => ({
  at: { frame, index, node: 0 },
  input: { text: jsonText(items[index]) }
})

export class Items {
  readonly #records: Records
  readonly #lists = new Remembered<Promise<ReadonlyArray<unknown>>>(mostLists, listRoom)

  constructor(records: Records) {
    this.#records = records
  }

  /** The list of a map that has begun, from its frame. */
  of(frame: Frame): Promise<ReadonlyArray<unknown>> {
    const { address } = frame.run
    const key = `${runIdOf(address)}.${frame.id}`
    const known = this.#lists.get(key)
    if (known !== undefined) return known
    const text = this.#records.resolve(address, frame.map!.items)
    const list = text.then((text) => rereadJson(text) as ReadonlyArray<unknown>)
    this.#lists.set(key, list, 0)
    text.then(({ length }) => this.#lists.set(key, list, length)).catch(() => {})
    list.catch(() => this.#lists.forget(key))
    return list
  }
}
