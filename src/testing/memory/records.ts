/** Every record of a memory server, found by subject, by scope, by run, or by looking at all scopes. */
import type { Deadline } from "./timer-heap.ts"
import { hasWildcard, matchesBeginning, runKey } from "./filter.ts"

export interface MemoryRecord {
  readonly subject: string
  readonly tokens: ReadonlyArray<string>
  readonly body: Uint8Array
  readonly at: number
  readonly sequence: number
  /** The subject of the timer that put it there. */
  readonly timer: string | undefined
  /** Its time to live, or the time at which it fires. */
  end: Deadline | undefined
  deliveries: number
  /** Runs while somebody holds the call. */
  lease: Deadline | undefined
  /** Set on removal, so that whoever still points at it lets it go. */
  removed: boolean
}

/** The records of one subject, oldest first. Never empty. */
type OneSubject = Array<MemoryRecord>

/** Subjects that differ in their last token only, such as the members of a group: what a join counts, again and again. */
interface Scope {
  readonly name: string
  readonly tokens: ReadonlyArray<string>
  readonly subjects: Map<string, OneSubject>
}

export interface Records {
  add(record: MemoryRecord): void
  remove(record: MemoryRecord): void
  /** The last record on one exact subject. */
  last(subject: string): MemoryRecord | undefined
  /** The records of each subject that matches. */
  matching(filter: string): ReadonlyArray<ReadonlyArray<MemoryRecord>>
  /** How many subjects match. */
  count(filter: string): number
}

const scopeName = (subject: string): string => subject.slice(0, subject.lastIndexOf("."))
const lastToken = (subject: string): string => subject.slice(subject.lastIndexOf(".") + 1)

/** Whether a filter can match subjects of that many tokens. */
const reaches = (filter: ReadonlyArray<string>, length: number): boolean =>
  filter.at(-1) === ">" ? filter.length <= length : filter.length === length

export const records = (): Records => {
  const scopes = new Map<string, Scope>()
  const runs = new Map<string, Set<Scope>>()

  const begin = (record: MemoryRecord): Scope => {
    const name = scopeName(record.subject)
    const scope: Scope = { name, tokens: record.tokens.slice(0, -1), subjects: new Map() }
    scopes.set(name, scope)
    const key = runKey(scope.tokens)!
    const run = runs.get(key)
    if (run === undefined) runs.set(key, new Set([scope]))
    else run.add(scope)
    return scope
  }
  const end = (scope: Scope): void => {
    scopes.delete(scope.name)
    const key = runKey(scope.tokens)!
    const run = runs.get(key)!
    run.delete(scope)
    if (run.size === 0) runs.delete(key)
  }
  const scopesOf = (filter: ReadonlyArray<string>): ReadonlyArray<Scope> => {
    const beginning = filter.slice(0, -1)
    if (!hasWildcard(beginning) && filter.at(-1) !== ">") {
      const scope = scopes.get(beginning.join("."))
      return scope === undefined ? [] : [scope]
    }
    const key = runKey(filter)
    const candidates = key === undefined ? scopes.values() : (runs.get(key) ?? [])
    return [...candidates].filter(
      ({ tokens }) => reaches(filter, tokens.length + 1) && matchesBeginning(filter, tokens)
    )
  }
  return {
    add: (record) => {
      const scope = scopes.get(scopeName(record.subject)) ?? begin(record)
      const name = lastToken(record.subject)
      const subject = scope.subjects.get(name)
      if (subject === undefined) scope.subjects.set(name, [record])
      else subject.push(record)
    },
    remove: (record) => {
      const scope = scopes.get(scopeName(record.subject))
      const name = lastToken(record.subject)
      const subject = scope?.subjects.get(name)
      const place = subject?.indexOf(record) ?? -1
      if (scope === undefined || subject === undefined || place < 0) return
      subject.splice(place, 1)
      if (subject.length === 0) scope.subjects.delete(name)
      if (scope.subjects.size === 0) end(scope)
    },
    last: (name) => scopes.get(scopeName(name))?.subjects.get(lastToken(name))?.at(-1),
    matching: (filter) => {
      const tokens = filter.split(".")
      const name = tokens.at(-1)!
      const found: Array<OneSubject> = []
      for (const { subjects } of scopesOf(tokens)) {
        const one = subjects.get(name)
        if (one !== undefined) found.push(one)
        if (hasWildcard([name])) for (const each of subjects.values()) found.push(each)
      }
      return found
    },
    count: (filter) => {
      const tokens = filter.split(".")
      const name = tokens.at(-1)!
      let amount = 0
      for (const { subjects } of scopesOf(tokens)) {
        if (hasWildcard([name])) amount += subjects.size
        else if (subjects.has(name)) amount++
      }
      return amount
    }
  }
}
