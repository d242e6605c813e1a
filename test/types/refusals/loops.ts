/** A limit of the compiler, which the guide to composing describes. Should it be gone one day, that paragraph can go. */
import { app } from "../dsl.ts"
import { page } from "../loops.ts"

export const untyped = async (): Promise<void> => {
  let at: number | null = 0
  while (at !== null) {
    // expect: 'result' implicitly has type 'any' because it does not have a type annotation
    const result = await app.run(page(at))
    at = result.next
  }
}
