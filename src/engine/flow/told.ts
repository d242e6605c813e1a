/** What a node is given that begins behind another in the same scope: how that has ended, and what both came from. */
import { runIdOf } from "../../encode/subjects.ts"
import type { Given } from "../../plan/rule.ts"
import { takesNothing } from "../../plan/arrival.ts"
import { lost } from "../chunks.ts"
import { inputPlaceOf, moved, placeOf, stepOf, type Position } from "./position.ts"
import type { Records } from "../records.ts"
import { behind, type Beginning } from "../sender.ts"
import { settled } from "./settled-value.ts"
import { nothing, type Value } from "../value.ts"
import { failureText, outcomeText, type Verdict } from "../verdict.ts"

/** What has ended, and whether what follows may have been begun before. */
export interface End {
  readonly verdict: Verdict
  readonly again: boolean
  /** Its value, where that has been read. */
  readonly text?: string
}

/** What begins behind something that has ended, inside of what is around both. */
export interface Telling {
  readonly around: Position
  readonly at: Position
  readonly given: Exclude<Given, "value">
}

/** How it begins. */
export interface Told {
  readonly input: Value
  readonly beginning: Beginning
}

/** What a node is given that begins so; the outcome of what is around both instead, where that cannot be told. */
export const toldTo = async (
  records: Records,
  { around, at, given }: Telling,
  { verdict, again, text }: End
): Promise<Told | Verdict> => {
  const beginning = behind(verdict, again)
  if (takesNothing(at.frame.plan[at.node]!.node)) return { input: nothing, beginning }
  const said = await saying[given.tell](records, around, verdict, text)
  if (typeof said !== "string") return said
  return given.input
    ? withInput(records, around, `"${given.tell}":${said}`, beginning)
    : { input: { text: said }, beginning }
}

type Saying = (
  records: Records,
  around: Position,
  verdict: Verdict,
  known: string | undefined
) => Promise<string | Verdict>

const saying: { readonly [K in Telling["given"]["tell"]]: Saying } = {
  error: async (records, around, verdict, known) => {
    const text = known ?? (await valueOf(records, around, verdict))
    return verdict.tag === "Failed" ? text : outcomeText(idOf(around), verdict, text)
  },
  failure: async (records, around, verdict, known) =>
    failureText(idOf(around), verdict, known ?? (await valueOf(records, around, verdict))),
  outcome: async (records, around, verdict) => {
    const told = await settled(records, around, verdict)
    return told.tag === "Succeeded" && "text" in told.value ? told.value.text : told
  }
}

const idOf = ({ frame }: Position): string => runIdOf(frame.run.address)

const valueOf = (records: Records, { frame }: Position, { value }: Verdict): Promise<string> =>
  records.resolve(frame.run.address, value)

/** Together with what was stored when what is around both began. */
const withInput = async (
  records: Records,
  around: Position,
  told: string,
  beginning: Beginning
): Promise<Told> => {
  const { address } = around.frame.run
  const kept = await records.outcome(address, inputPlaceOf(around))
  if (kept === undefined) throw lost(`what ${stepOf(around)} was given`)
  const input = await records.resolve(address, kept.value)
  return {
    input: { text: `{${told},"input":${input}}` },
    // What either comes from decides how carefully both are read.
    beginning: { ...behind(kept, beginning.again), ...beginning }
  }
}

/** How the first of a node's children has ended. */
export const endOfFirst = async (records: Records, at: Position): Promise<Verdict> => {
  const { frame, node } = at
  const inside = placeOf(moved(at, frame.plan[node]!.children[0]!))
  const before = await records.outcome(frame.run.address, inside)
  if (before === undefined) throw lost(`what came before the cleanup of ${stepOf(at)}`)
  return before
}
