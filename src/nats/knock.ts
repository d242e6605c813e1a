/**
 * Finds out why the client library could not connect. It tells most refusals as a timeout: what a server says before it
 * closes the connection, and what it says under TLS, is lost in it. So we go the same way once more, and listen.
 */
import { readFileSync } from "node:fs"
import { connect, type Socket } from "node:net"
import { connect as secure, type ConnectionOptions } from "node:tls"
import type { Auth, NodeConnectionOptions } from "@nats-io/transport-node"
import type { Address } from "./address.ts"

/** What a server says of itself when somebody comes. */
export interface Greeting {
  readonly version?: string
  readonly nonce?: string
  readonly auth_required?: boolean
  readonly tls_required?: boolean
  readonly tls_available?: boolean
  readonly tls_verify?: boolean
}

/** How far we came, and what stood in the way. */
export interface Knock {
  readonly server: string
  /** `dial`: no connection; `greeting`: no word of NATS; `tls`: no encryption; `login`: greeted, and not let in; `in`: it works now. */
  readonly at: "dial" | "greeting" | "tls" | "login" | "in"
  /** The code of an error of this machine, such as `ECONNREFUSED`. */
  readonly code?: string
  /** What the other side said. */
  readonly said?: string
  readonly greeting?: Greeting
  /** Nothing came before our time was up. */
  readonly late?: true
  /** It speaks TLS before it greets. */
  readonly tlsFirst?: true
}

/** Who we are, as the client library would say it. */
export interface Caller {
  readonly tls: NodeConnectionOptions["tls"]
  readonly login: (nonce?: string) => Auth
  /** Nobody wants to know any more. */
  readonly signal: AbortSignal | undefined
}

/** The code where not the server is at fault, but whoever should say who we are. */
export const noLogin = "NO_LOGIN"

/** For each step of the way, in milliseconds. */
const patience = 1_500

/** When a server that has said nothing is spoken to first: one of HTTP then shows itself. */
const speakFirst = 400

export const knock = async ({ server }: Address, caller: Caller): Promise<Knock> => {
  const { hostname, port } = placeOf(server)
  const answer = await knockAt(server, connect({ host: hostname, port }), caller)
  const mute =
    answer.at === "greeting" && answer.said === undefined && caller.signal?.aborted !== true
  return mute && (await greetsUnderTls(hostname, port)) ? { ...answer, tlsFirst: true } : answer
}

const placeOf = (server: string): { readonly hostname: string; readonly port: number } => {
  const plain = server.replace(/^[a-z][a-z0-9+.-]*:\/\//i, "").replace(/\/$/, "")
  const [, bracketed, named = plain, port] =
    /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(plain) ?? []
  return { hostname: bracketed ?? named, port: Number(port ?? 4222) }
}

const knockAt = (server: string, first: Socket, caller: Caller): Promise<Knock> =>
  new Promise((resolve) => {
    let socket = first
    let at: Knock["at"] = "dial"
    let greeting: Greeting | undefined
    let text = ""
    let timers: ReadonlyArray<NodeJS.Timeout> = []
    const end = (more: Partial<Knock> = {}): void => {
      for (const timer of timers) clearTimeout(timer)
      socket.destroy()
      first.destroy()
      resolve({ server, at, ...(greeting === undefined ? {} : { greeting }), ...more })
    }
    const wait = (...more: ReadonlyArray<NodeJS.Timeout>): void => {
      for (const timer of timers) clearTimeout(timer)
      timers = [setTimeout(() => end({ late: true }), patience), ...more]
    }
    const logIn = (): void => {
      at = "login"
      wait()
      try {
        const who = { ...caller.login(greeting?.nonce), verbose: false, pedantic: false }
        const about = { lang: "javascript", version: "0", name: "arpeggio probe", protocol: 1 }
        socket.write(`CONNECT ${JSON.stringify({ ...about, ...who })}\r\nPING\r\n`)
      } catch (error) {
        end({ code: noLogin, said: wordsOf(error) })
      }
    }
    const encrypt = (): void => {
      at = "tls"
      wait()
      first.removeAllListeners("data")
      try {
        socket = secure({ socket: first, servername: nameIn(server), ...optionsOf(caller.tls) })
        listen()
        // Whether our certificate is taken is known only after this: the server says so when we have logged in.
        socket.once("secureConnect", logIn)
      } catch (error) {
        end({ code: codeOf(error), said: wordsOf(error) })
      }
    }
    const hear = (chunk: Buffer): void => {
      text = (text + chunk.toString("latin1")).slice(-16_384)
      if (greeting === undefined && text.includes("\n")) {
        greeting = greetingIn(text)
        if (greeting === undefined) return end({ said: text.split("\r\n")[0]!.slice(0, 100) })
        const refused = errorIn(text)
        if (refused !== undefined) return end({ said: refused })
        return (greeting.tls_required ?? greeting.tls_available) === true ? encrypt() : logIn()
      }
      const refused = errorIn(text)
      if (refused !== undefined) return end({ said: refused })
      if (greeting !== undefined && text.includes("PONG\r\n")) {
        at = "in"
        end()
      }
    }
    const listen = (): void => {
      socket.on("data", hear)
      socket.on("error", (error) => end({ code: codeOf(error), said: wordsOf(error) }))
      socket.on("close", () => end())
    }
    listen()
    caller.signal?.addEventListener("abort", () => end(), { once: true })
    socket.once("connect", () => {
      at = "greeting"
      wait(setTimeout(() => void first.write("PING\r\n\r\n"), speakFirst))
    })
    wait()
  })

const greetingIn = (text: string): Greeting | undefined => {
  try {
    return JSON.parse(/^INFO (\{.*\})/.exec(text)?.[1] ?? "null") ?? undefined
  } catch {
    return undefined
  }
}

const errorIn = (text: string): string | undefined => /^-ERR '?([^'\r\n]*)/m.exec(text)?.[1]

const nameIn = (server: string): string => {
  const { hostname } = placeOf(server)
  return /^[\d.]+$|:/.test(hostname) ? "" : hostname
}

/** As the client library reads them. */
const optionsOf = (tls: Caller["tls"]): ConnectionOptions => {
  const { caFile, certFile, keyFile, ca, cert, key } = tls ?? {}
  const of = (file: string | undefined, text: string | undefined): string | undefined =>
    file === undefined ? text : readFileSync(file, "utf8")
  const all = { ca: of(caFile, ca), cert: of(certFile, cert), key: of(keyFile, key) }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

const greetsUnderTls = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = secure({ host, port, rejectUnauthorized: false })
    const end = (is: boolean): void => {
      clearTimeout(late)
      socket.destroy()
      resolve(is)
    }
    const late = setTimeout(() => end(false), patience)
    socket.once("secureConnect", () => end(true))
    socket.once("error", () => end(false))
    socket.once("close", () => end(false))
  })

const codeOf = (error: unknown): string =>
  String((error as NodeJS.ErrnoException | undefined)?.code ?? "")

/** What OpenSSL says stands between the names of its files. */
const wordsOf = (error: unknown): string => {
  const words = error instanceof Error ? error.message : String(error)
  return /SSL routines:[^:]*:([^:]+)/.exec(words)?.[1] ?? words
}
