/**
 * Ends a process that handlers keep alive which were told to stop and go on, once nothing else of the program is under way.
 *
 * After `serve`, a program may still have things to do: what it does may take as long as it needs, and is told from what
 * handlers do by the step that those run as, and from what the worker and its connection do by how those are set going: a
 * worker that a broker does not answer leaves promises behind that nobody ever keeps. From the moment on in which `serve`
 * resolves, Node tells of everything that begins. It is only asked where there are such handlers.
 */
import { createHook, executionAsyncId } from "node:async_hooks"
import { isProgram } from "../define/context.ts"
import { every } from "../transport/time.ts"
import type { Print } from "../define/print.ts"

/** How often to look, in milliseconds. */
const pulse = 100

/** For how long nothing of the program's own must have begun or gone on, in milliseconds. */
const quiet = 500

/** The same, where the platform does not tell what begins. */
const blindly = 10_000

/** After so long a person is told why the process does not end. */
const patience = 2_000

/** What a program may wait for without anything happening meanwhile: promises, timers, sockets, processes. */
const lasting = /^(PROMISE|Timeout|Immediate|TCP|PIPE|UDP|TLS|PROCESS|WORKER|FSREQ|DNS|GETADDRINFO)/

interface Reference {
  readonly hasRef?: () => boolean
}

/** Whether a timer or a handle keeps the process alive. */
const holds = ({ hasRef }: Reference, resource: Reference): boolean =>
  hasRef === undefined || hasRef.call(resource)

/** Watches what the program does besides its handlers. */
const watchProgram = () => {
  /** What has begun and has not ended; of a promise, only that it is there. */
  const open = new Map<number, Reference | undefined>()
  let at = performance.now()
  let sees = false
  const hook = createHook({
    init: (id, type, _, resource: Reference) => {
      sees = true
      if (!isProgram()) return
      if (lasting.test(type)) open.set(id, type === "PROMISE" ? undefined : resource)
      if (type !== "PROMISE") at = performance.now()
    },
    before: (id) => {
      if (id !== own && isProgram()) at = performance.now()
    },
    promiseResolve: (id) => void open.delete(id),
    destroy: (id) => void open.delete(id)
  })
  let own = 0
  // Made when they are first asked for; nobody waits for them.
  void [process.stdout, process.stderr]
  hook.enable()
  return {
    /** The id of our own timer, which is no sign of life. */
    except: (id: number) => {
      own = id
      open.delete(id)
    },
    stop: () => hook.disable(),
    isQuiet: () => {
      const silence = performance.now() - at
      if (!sees) return silence > blindly
      const waits = [...open.values()].some(
        (resource) => resource === undefined || holds(resource, resource)
      )
      return !waits && silence > quiet
    }
  }
}

/** `running` names the handlers that go on. Returns at once. */
export const endWithout = (running: () => ReadonlyArray<string>, print: Print): void => {
  if (running().length === 0) return
  const program = watchProgram()
  const began = performance.now()
  let told = false
  const stop = every(pulse, () => {
    program.except(executionAsyncId())
    const names = running()
    if (names.length === 0) {
      stop()
      program.stop()
      return
    }
    if (program.isQuiet()) {
      stop()
      print(
        `arpeggio: this process ends now, with nothing left to do but ${wordsOf(names)}. Let them stop at step().signal`
      )
      // oxlint-disable-next-line unicorn/no-process-exit -- nothing else would ever end it
      process.exit()
    }
    if (told || performance.now() - began < patience) return
    told = true
    print(
      `arpeggio: the worker has stopped, and this process would not end without ${wordsOf(names)}. It is ended as soon as the rest of the program is done; a signal ends it now. Let them stop at step().signal`
    )
  })
}

/** How many are named in one line. */
const mostNamed = 20

const wordsOf = (names: ReadonlyArray<string>): string => {
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : ""
  const handlers = names.length === 1 ? "a handler that was" : `${names.length} handlers that were`
  return `${handlers} told to stop and ${names.length === 1 ? "goes" : "go"} on (${names.slice(0, mostNamed).join(", ")}${more})`
}
