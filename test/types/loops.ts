/** The ways to run a task again and again with what it gave before; without one of them the compiler gives up (TS7022). */
import * as Schema from "effect/Schema"
import { app, chain, implement, type OutputOf, task } from "./dsl.ts"

const Page = Schema.Struct({
  items: Schema.Array(Schema.String),
  next: Schema.NullOr(Schema.Finite)
})
type Page = typeof Page.Type
export const page = task("page", { input: [Schema.Finite], output: Page })

export const annotated = async (): Promise<void> => {
  let at: number | null = 0
  while (at !== null) {
    const result: Page = await app.run(page(at))
    at = result.next
  }
}

export const named = async (): Promise<void> => {
  let at: number | null = 0
  while (at !== null) {
    const result: OutputOf<ReturnType<typeof page>> = await app.run(page(), at)
    at = result.next
  }
}

export const takenApart = async (): Promise<void> => {
  let at: number | null = 0
  do {
    const { next }: Page = await app.run(chain(page(at)))
    at = next
  } while (at !== null)
}

export const helped = async (): Promise<void> => {
  const pageAt = (at: number): Promise<Page> => app.run(page(at))
  let at: number | null = 0
  while (at !== null) {
    const result = await pageAt(at)
    at = result.next
  }
}

const rest = task("rest", {
  input: [Page, Schema.Array(Schema.String)],
  output: Schema.Array(Schema.String)
})
export const replaced = implement(rest, ({ items, next }, before) => {
  const found = [...before, ...items]
  return next === null ? found : chain(page(next), rest(found))
})
