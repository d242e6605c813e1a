/**
 * The engine's face: all that other folders may import. The engine owns every record; the worker owns processes: it fetches
 * deliveries, runs handlers, and says how these have ended; the client owns waiting.
 */

// For workers.
export { Engine, type EngineOptions } from "./engine.ts"
export type { Around } from "./call/calls.ts"
export { decide, inTime, isFenced, whatFollows, type Decision, type Ended } from "./call/decide.ts"
export {
  type Crashed,
  type Execution,
  type FailedExecution,
  type Foreign,
  type Hints,
  type StopReason
} from "./call/decide.ts"
export type { Handlers, Taken } from "./call/handling.ts"
export type { InlineJob } from "./call/inline-next.ts"
export type { Call, Job } from "./call/job.ts"
export type { LastWords } from "./call/last-words.ts"
export { defaultCrashes } from "./call/losses.ts"
export { closingTopic, wholeRun, type Closing, type EndedBy } from "./flow/closer.ts"
export { NotNow } from "./room/growth.ts"
export {
  observers,
  type FailedAttempt,
  type LossesSoFar,
  type Observer,
  type PutBack
} from "./observer.ts"
export { NoRoom, type RoomLog } from "./room/no-room.ts"
export { oldestIn, roughly, taskIn, unservedWords } from "./unserved.ts"
export type { Value } from "./value.ts"
export type { Committed, Verdict } from "./verdict.ts"

// For clients, and for workers that declare schedules.
export {
  declareSchedule,
  deleteSchedule,
  pauseSchedule,
  resumeSchedule,
  schedulesOf,
  type Declared
} from "./schedule/declare.ts"
export {
  keepGroup,
  takeGroup,
  groupTimes,
  within,
  type Changes,
  type Group
} from "./schedule/group.ts"
export { readSchedule, rulesIn, type Scheduled } from "./schedule/record.ts"
export { triggerSchedule } from "./schedule/start.ts"

// For clients.
export {
  beginnerIn,
  bodyOf,
  findDead,
  obstacleIn,
  pageOfDead,
  removeDead,
  saidIn,
  type Dead
} from "./dead/dead.ts"
export { redrivable, redrive } from "./dead/redrive.ts"
export { isTooLarge } from "../broker/errors.ts"
export { keepWithin, leastKeep, runPlace, type RunFacts } from "./flow/position.ts"
export type { Whole } from "./records.ts"
export { Records } from "./records.ts"
export { requestCancel } from "./run/cancel.ts"
export { dispatch, firstMessageOf } from "./run/first-message.ts"
export { claimOf, heldBy, type Claim, type KeyHeld } from "./run/idempotency-key.ts"
export { freeRun } from "./run/run-timers.ts"
export { type FirstMessage } from "./run/first-message.ts"
export { lanesOf, queuesIn, type Waited } from "./run/lanes.ts"
export { lookUp, standing, type Known } from "./run/status.ts"
export { underWayOf, type Pending } from "./run/unfinished.ts"
export { expiresAt } from "./call/times.ts"
export { stepTimer, timerSubject } from "./timers.ts"
export { outcomeText, verdictIn } from "./verdict.ts"
