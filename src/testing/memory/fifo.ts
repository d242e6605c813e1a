/** Things waiting to be taken: the oldest first, or any of them when a seed decides. */
import type { Random } from "./random.ts"

export interface Bag<A> {
  readonly size: number
  put(item: A): void
  take(): A | undefined
}

export const bag = <A>(random: Random | undefined): Bag<A> => {
  const items: Array<A | undefined> = []
  let head = 0
  const any = (random: Random): A | undefined => {
    const chosen = Math.floor(random() * items.length)
    const item = items[chosen]
    const last = items.pop()
    if (chosen < items.length) items[chosen] = last
    return item
  }
  const oldest = (): A | undefined => {
    const item = items[head]
    items[head++] = undefined
    // Array.shift is linear for long arrays; cutting now and then is not.
    if (head > 1024 && head * 2 > items.length) {
      items.splice(0, head)
      head = 0
    }
    return item
  }
  return {
    get size() {
      return items.length - head
    },
    put: (item) => {
      items.push(item)
    },
    take: () => {
      if (items.length === head) return undefined
      return random === undefined ? oldest() : any(random)
    }
  }
}
