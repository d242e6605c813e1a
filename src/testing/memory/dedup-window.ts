/** Publication ids seen lately: a second publication with one of them is dropped. */
import type { MemoryRecord } from "./records.ts"

export interface Identifiers {
  has(id: string): boolean
  add(id: string, record: MemoryRecord): void
  /** Drops the ids whose record is gone: a real server rebuilds them from what is stored. */
  rebuild(): void
}

export const identifiers = (now: () => number, duplicateWindow: number): Identifiers => {
  /** Ordered by time, because every id stays equally long. */
  const seen = new Map<string, { readonly until: number; readonly record: MemoryRecord }>()
  const forget = (): void => {
    const time = now()
    for (const [id, { until }] of seen) {
      if (until > time) return
      seen.delete(id)
    }
  }
  return {
    has: (id) => {
      forget()
      return seen.has(id)
    },
    add: (id, record) => {
      seen.set(id, { until: now() + duplicateWindow, record })
    },
    rebuild: () => {
      for (const [id, { record }] of seen) if (record.removed) seen.delete(id)
    }
  }
}
