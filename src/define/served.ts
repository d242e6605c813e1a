/** What a worker accepts, at type level: tasks with handlers only. */
import type { AnyTask } from "./task.ts"

type AnyBound = AnyTask & { readonly "~services": unknown }

/** Every task as it is, or the sentence that says it has no handler. Write it as the parameter: `tasks: Served<Tasks>`. */
export type Served<Tasks extends ReadonlyArray<AnyTask>> = {
  readonly [K in keyof Tasks]: Tasks[K] extends AnyBound
    ? Tasks[K]
    : `${NameOf<Tasks[K]>} has no handler: bind one with implement(…)`
}

type NameOf<T> = T extends { readonly taskName: infer Name extends string } ? Name : "this task"

/** All services that the handlers of these tasks need. */
export type Services<Tasks extends ReadonlyArray<AnyTask>> = ServicesOfTask<Tasks[number]>

type ServicesOfTask<T> = T extends { readonly "~services": infer Services } ? Services : never
