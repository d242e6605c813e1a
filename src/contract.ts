/**
 * What can be said about tasks without doing any: contracts, composition, workflows as text, and the classes of outcomes and
 * errors. Nothing here needs Node, so that it can be part of a page in a browser; the same names are in the package's own
 * entry, which needs it.
 */

// define
export { implement, task } from "./define/task.ts"
export type { AnyTask, BoundTask, Task } from "./define/task.ts"
export { open } from "./define/open.ts"
export type { Open } from "./define/open.ts"
export type { StepContext } from "./define/context.ts"
export type { CallOptions } from "./define/options.ts"
export type { RetryOptions } from "./define/retry.ts"
export type { Contract, StandardSchema } from "./define/contract.ts"
export type { StartOptions } from "./define/start.ts"
export type { AnyWorkflow, Call, ErrorOf, InputOf, OutputOf, Workflow } from "./define/workflow.ts"
export {
  CompositionError,
  ContractError,
  InvalidInput,
  InvalidOutput,
  NoStep,
  StepStopped
} from "./define/errors.ts"
export { Failure, Outcome } from "./define/outcome.ts"
export type {
  Cancelled,
  Crashed,
  Expired,
  Failed,
  Origin,
  OutcomeSchema,
  Succeeded,
  TimedOut,
  Undeclared
} from "./define/outcome.ts"

// compose
export { chain } from "./compose/chain.ts"
export { group } from "./compose/group.ts"
export { chord } from "./compose/chord.ts"
export { map } from "./compose/map.ts"
export type { GroupOptions } from "./compose/group.ts"
export type { MapOptions } from "./compose/map.ts"
export { ignoreInput } from "./compose/ignore-input.ts"
export { pass } from "./compose/pass.ts"
export type { Pass } from "./compose/pass.ts"
export { settle } from "./compose/settle.ts"
export { sleep } from "./compose/sleep.ts"
export type { Sleep } from "./compose/members.ts"
export { recover, withInput } from "./compose/recover.ts"
export type { WithInput } from "./compose/with-input.ts"
export { always, ifFailed } from "./compose/cleanup.ts"
export { onFailure, onSuccess } from "./compose/hook.ts"

// encode
export { decodeWorkflow, encodeWorkflow } from "./encode/workflow.ts"
export type { Thrown } from "./encode/thrown.ts"

// What the declaration files of your own exports may have to name; nothing to write by hand.
export type { Chosen } from "./compose/fit.ts"
export type { EachRunnable, Instead, Runnable } from "./compose/runnable.ts"
export type { SchemaCodec, ValueCodec } from "./define/codec.ts"
export type { Handler, TaskDefinition } from "./define/definition.ts"
export type { Arriving, OneOpen, OpenOr } from "./define/open.ts"
export type { PartialCall } from "./define/task.ts"
export type { ErrorCodec } from "./define/error-codec.ts"
export type { AnyNode, CallNode, Json } from "./define/plan.ts"
export type { ChainNode } from "./plan/chain.ts"
export type { CleanupNode } from "./plan/cleanup.ts"
export type { GroupNode } from "./plan/group.ts"
export type { HookNode } from "./plan/hook.ts"
export type { IgnoreNode } from "./plan/ignore.ts"
export type { MapNode } from "./plan/map.ts"
export type { PassNode } from "./plan/pass.ts"
export type { PlanNode } from "./plan/table.ts"
export type { RecoverNode } from "./plan/recover.ts"
export type { SettleNode } from "./plan/settle.ts"
export type { SleepNode } from "./plan/sleep.ts"
export type { CallRetriedOn, RetriedOn, RetryPolicy, ThrownClass } from "./define/retry.ts"
export type { Served, ServedMore, Services, Serving, Source } from "./define/served.ts"
export type { StartSettings } from "./define/start.ts"
export type { DelayBesideEta, Expiry, TimeOptions, Times } from "./define/times.ts"
export type {
  EtaBeside,
  OnCallsOnly,
  TaskTable,
  WithBelongsOnCalls,
  WorkflowData
} from "./define/workflow.ts"
export type { HowLong, WithUnit } from "./define/duration.ts"
export type { ReadAs, Readable } from "./compose/readable.ts"
