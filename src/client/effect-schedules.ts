/** Schedules in Effects. */
import * as Effect from "effect/Effect"
import type { BrokerError } from "../broker/errors.ts"
import type { ContractError, InvalidInput } from "../define/errors.ts"
import type { UnknownSchedule } from "../result/errors.ts"
import type { Schedule, ScheduleInfo, SyncedSchedules } from "../result/schedule.ts"
import type { DeclaredSchedule } from "../schedule/declared.ts"
import { attempt, type EffectRun, inEffects } from "./effect-run.ts"
import type { Runs } from "./runs.ts"

/** `Schedule`, in Effects. */
export interface EffectSchedule<in In = never, out Out = unknown, out Err = unknown> {
  /** Its name. */
  readonly name: string
  /** Where it stands now. */
  readonly info: Effect.Effect<ScheduleInfo, BrokerError | UnknownSchedule>
  /** Starts nothing more until it is resumed. */
  pause(reason?: string): Effect.Effect<void, BrokerError | UnknownSchedule | ContractError>
  /** Goes on with the first time that is to come. */
  readonly resume: Effect.Effect<void, BrokerError | UnknownSchedule>
  /** Starts its workflow now, besides its times. */
  trigger(
    input?: In
  ): Effect.Effect<
    EffectRun<Out, Err>,
    BrokerError | UnknownSchedule | InvalidInput | ContractError
  >
  /** Removes it; runs that it has started go on. */
  readonly delete: Effect.Effect<void, BrokerError | UnknownSchedule>
}

/** `Schedules`, in Effects. */
export interface EffectSchedules {
  /** All of them. */
  readonly list: Effect.Effect<ReadonlyArray<ScheduleInfo>, BrokerError>
  /** One by its name; `undefined` when there is none. */
  get(name: string): Effect.Effect<EffectSchedule | undefined, BrokerError | ContractError>
  /** Stores these schedules as a group, and deletes those of the group that are not among them. */
  sync(
    group: string,
    schedules: ReadonlyArray<DeclaredSchedule>
  ): Effect.Effect<SyncedSchedules, BrokerError | ContractError>
}

export const scheduleInEffects = (schedule: Schedule): EffectSchedule => ({
  name: schedule.name,
  info: attempt((signal) => schedule.info({ signal })) as never,
  pause: (reason) => attempt((signal) => schedule.pause(reason, { signal })) as never,
  resume: attempt((signal) => schedule.resume({ signal })) as never,
  trigger: (input) =>
    attempt((signal) => schedule.trigger(input, { signal })).pipe(Effect.map(inEffects)) as never,
  delete: attempt((signal) => schedule.delete({ signal })) as never
})

export const schedulesInEffects = ({ schedules }: Runs): EffectSchedules => ({
  list: attempt(async () => {
    const all: Array<ScheduleInfo> = []
    for await (const each of schedules.list()) all.push(each)
    return all
  }) as never,
  get: (name) =>
    attempt((signal) => schedules.get(name, { signal }, {})).pipe(
      Effect.map((found) => (found === undefined ? undefined : scheduleInEffects(found)))
    ) as never,
  sync: (group, all) => attempt((signal) => schedules.sync(group, all, { signal }, {})) as never
})
