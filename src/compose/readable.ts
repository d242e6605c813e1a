/** By what a run can be read, at type level. */
import type { AnyWorkflow } from "../define/workflow.ts"
import type { NotAWorkflow } from "./fit.ts"

type AnyFunction = (...input: never) => unknown

/** A task, or a function that builds a workflow from nothing; otherwise the sentence. */
export type Readable<B> = [B] extends [{ readonly taskName: string }]
  ? B
  : [B] extends [() => unknown]
    ? [ReturnType<B>] extends [AnyWorkflow]
      ? B
      : NotAWorkflow<ReturnType<B>>
    : [B] extends [AnyFunction]
      ? "this function builds a workflow from arguments: give attach what it returns, for example attach(id, build(…)); or leave it out, and read what is stored as plain data"
      : NotAWorkflow<B>

/** The workflow that a task or a builder given to `attach` stands for. */
export type ReadAs<B> = B extends (...input: never) => infer W ? W : never
