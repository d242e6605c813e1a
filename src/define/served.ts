/** What a worker accepts, at type level: lists of tasks with handlers, and modules and records that hold some. */
import type { AnyTask } from "./task.ts"

type AnyBound = AnyTask & { readonly "~services": unknown }
type List = ReadonlyArray<unknown>

/** What tasks are taken from: a list of them, or a module or record with some among what it holds. */
export type Source = object | readonly [unknown]

/** Where handlers find what they need: `alone` nowhere, `provided` in a layer. */
export type Serving = "alone" | "provided"

/** A source as it is, or the sentence that says why nothing can be served from it. Write it as the parameter. */
export type Served<From, As extends Serving = "alone"> = From extends List
  ? { readonly [K in keyof From]: Listed<From[K], As> }
  : object extends From // What the compiler tries first, before it knows more.
    ? From
    : From extends AnyTask
      ? `tasks are served in lists, modules and records: write [${NameOf<From>}]`
      : [BoundIn<From>] extends [never]
        ? "no task with a handler is in this: give the module that has the handlers, or bind one with implement(…)"
        : As extends "provided"
          ? From
          : [ServicesOfTask<BoundIn<From>>] extends [never]
            ? From
            : "these handlers need services: serve them with Worker.layer(…) and provide what they need"

/** What may follow the first source: more of them, and options. */
export type ServedMore<Rest extends List, Options, As extends Serving = "alone"> = {
  readonly [K in keyof Rest]: Rest[K] extends List | AnyTask
    ? Served<Rest[K], As>
    : object extends Rest[K]
      ? Rest[K] | Options
      : [BoundIn<Rest[K]>] extends [never]
        ? OptionsIn<Rest[K], Options>
        : Served<Rest[K], As>
}

type OptionsIn<Given, Options> = [keyof Given & keyof Options] extends [never]
  ? "this holds neither a task with a handler nor an option"
  : Options & {
      readonly [Name in Exclude<keyof Given, keyof Options>]: `there is no option ${Name & string}`
    }

type Listed<T, As extends Serving> = T extends AnyBound
  ? As extends "provided"
    ? T
    : [ServicesOfTask<T>] extends [never]
      ? T
      : `${NameOf<T>} needs services: serve it with Worker.layer(…) and provide what it needs`
  : `${NameOf<T>} has no handler: bind one with implement(…)`

type NameOf<T> = T extends { readonly taskName: infer Name extends string } ? Name : "this task"

/** What is `any`, say a configuration that a module exports, is no task. */
type BoundIn<From> = From extends List
  ? From[number]
  : {
      [K in keyof From]-?: 0 extends 1 & From[K]
        ? never
        : From[K] extends AnyBound
          ? From[K]
          : never
    }[keyof From]

/** All services that the handlers in these lists, modules and records need. */
export type Services<Sources extends List> = ServicesOfTask<
  { [K in keyof Sources]: BoundIn<Sources[K]> }[number]
>

type ServicesOfTask<T> = T extends { readonly "~services": infer Services } ? Services : never
