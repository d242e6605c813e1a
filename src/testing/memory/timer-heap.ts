/** What is due when: a binary heap, from which a deadline can also be taken before its time. */

export interface Deadline {
  readonly time: number
  readonly due: () => void
  /** Breaks ties: what was set first is due first. */
  readonly order: number
  /** Where it stands in the heap, `-1` when it is not there. */
  place: number
}

export interface Deadlines {
  add(time: number, due: () => void): Deadline
  remove(deadline: Deadline): void
  readonly first: Deadline | undefined
}

const before = (left: Deadline, right: Deadline): boolean =>
  left.time < right.time || (left.time === right.time && left.order < right.order)

export const deadlines = (): Deadlines => {
  const heap: Array<Deadline> = []
  let order = 0
  const put = (deadline: Deadline, place: number): void => {
    heap[place] = deadline
    deadline.place = place
  }
  const rise = (deadline: Deadline, from: number): void => {
    let place = from
    while (place > 0) {
      const above = heap[(place - 1) >> 1]!
      if (before(above, deadline)) break
      put(above, place)
      place = (place - 1) >> 1
    }
    put(deadline, place)
  }
  const sink = (deadline: Deadline, from: number): void => {
    let place = from
    for (;;) {
      const left = 2 * place + 1
      if (left >= heap.length) break
      const right = left + 1
      const least = right < heap.length && before(heap[right]!, heap[left]!) ? right : left
      if (before(deadline, heap[least]!)) break
      put(heap[least]!, place)
      place = least
    }
    put(deadline, place)
  }
  return {
    add: (time, due) => {
      const deadline: Deadline = { time, due, order: order++, place: heap.length }
      heap.push(deadline)
      rise(deadline, deadline.place)
      return deadline
    },
    remove: (deadline) => {
      const place = deadline.place
      if (place < 0) return
      deadline.place = -1
      const last = heap.pop()!
      if (last === deadline) return
      sink(last, place)
      rise(last, last.place)
    },
    get first() {
      return heap[0]
    }
  }
}
